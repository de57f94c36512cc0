import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { GatewayConfig } from '../config.ts';

const SANDBOX = 'https://studio.apollographql.com';
const PREFLIGHT_SECONDS = '600';
/** What GraphQL clients send, beside what CORS always allows. */
const REQUEST_HEADERS =
  `authorization, content-type, idempotency-key, last-event-id, traceparent, apollo-require-preflight,
  x-apollo-operation-name, apollographql-client-name, apollographql-client-version`.split(/,\s+/);

/**
 * Whether a browser page may call: no Origin is no browser, the gateway's own host may, and listed origins may. A page
 * without an origin of its own (`null`: sandboxed, or a file) may not.
 */
export type IsAllowedOrigin = (request: Pick<IncomingMessage, 'headers'>) => boolean;

/** The same check for plain requests, streams and WebSocket upgrades. Apollo Sandbox may call in development. */
export function createOriginCheck(config: GatewayConfig): IsAllowedOrigin {
  const allowed = new Set(config.CORS_ORIGINS);
  if (config.NODE_ENV === 'development') allowed.add(SANDBOX);
  return ({ headers: { origin, host } }) => {
    if (origin === undefined || allowed.has(origin)) return true;
    return URL.canParse(origin) && new URL(origin).host === host;
  };
}

/**
 * CORS: marks answers for the origins that may read them, and answers preflight requests of /graphql. Pages may send the
 * headers that clients do, and `PROPAGATE_HEADERS`.
 */
export function addCors(app: FastifyInstance, isAllowed: IsAllowedOrigin, config: GatewayConfig): void {
  const withCookies = config.AUTH_COOKIE !== undefined;
  const headers = [...REQUEST_HEADERS, ...config.PROPAGATE_HEADERS];
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers;
    void reply.header('vary', 'origin');
    if (origin === undefined || !isAllowed(request.raw)) return;
    void reply.header('access-control-allow-origin', origin);
    if (withCookies) void reply.header('access-control-allow-credentials', 'true');
    void reply.header('access-control-expose-headers', 'ratelimit, ratelimit-policy, retry-after');
  });
  addPreflight(app, '/graphql', ['GET', 'POST'], headers, isAllowed);
}

/** Answers a path's preflight requests. */
export function addPreflight(
  app: FastifyInstance,
  path: string,
  methods: string[],
  headers: string[],
  isAllowed: IsAllowedOrigin,
): void {
  app.options(path, (request: FastifyRequest, reply: FastifyReply) => {
    if (!isAllowed(request.raw)) return reply.code(403).send();
    return reply
      .header('access-control-allow-methods', methods.join(', '))
      .header('access-control-allow-headers', headers.join(', '))
      .header('access-control-max-age', PREFLIGHT_SECONDS)
      .code(204)
      .send();
  });
}
