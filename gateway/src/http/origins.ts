import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { GatewayConfig } from '../config.ts';
import { refusal } from '../refusal.ts';

const SANDBOX = 'https://studio.apollographql.com';
const PREFLIGHT_SECONDS = '600';
/** What GraphQL clients send, beside what CORS always allows: an Accept header only as long as nothing in it is quoted. */
const REQUEST_HEADERS =
  `accept, authorization, content-type, idempotency-key, last-event-id, traceparent, apollo-require-preflight,
  x-apollo-operation-name, apollographql-client-name, apollographql-client-version`.split(/,\s+/);

/**
 * Whether what sends a request may be heard: listed origins may, the gateway's own pages, and what is no browser. A page
 * without an origin of its own (`null`: sandboxed, or a file) may not.
 */
export type IsAllowedOrigin = (request: Pick<IncomingMessage, 'headers'>) => boolean;

/** The same check for plain requests, streams and WebSocket upgrades. Apollo Sandbox may call in development. */
export function createOriginCheck(config: GatewayConfig): IsAllowedOrigin {
  const allowed = new Set(config.CORS_ORIGINS);
  if (config.NODE_ENV === 'development') allowed.add(SANDBOX);
  return ({ headers: { origin, host, 'sec-fetch-site': site } }) => {
    if (origin !== undefined && allowed.has(origin)) return true;
    // Browsers show no Origin with simple requests, and the host alone does not tell http from https. `none` is the user.
    if (site !== undefined && site !== 'same-origin' && site !== 'none') return false;
    return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
  };
}

/** Throws a GraphQLError, FORBIDDEN (403), where a request comes from a page that may not call. */
export function checkOrigin(request: Pick<IncomingMessage, 'headers'>, isAllowed: IsAllowedOrigin): void {
  if (!isAllowed(request)) throw refusal('FORBIDDEN', 'pages of this origin may not call: see CORS_ORIGINS', 403);
}

/**
 * CORS: marks answers for the origins that may read them, and answers preflight requests of /graphql. Pages may send the
 * headers that clients do, and `PROPAGATE_HEADERS`.
 */
export function addCors(app: FastifyInstance, isAllowed: IsAllowedOrigin, config: GatewayConfig): void {
  const withCookies = config.AUTH_COOKIE !== undefined;
  const headers = [...REQUEST_HEADERS, ...config.PROPAGATE_HEADERS];
  app.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers;
    void reply.header('vary', 'origin');
    if (origin !== undefined && isAllowed(request.raw)) {
      void reply.header('access-control-allow-origin', origin);
      if (withCookies) void reply.header('access-control-allow-credentials', 'true');
      void reply.header('access-control-expose-headers', 'ratelimit, ratelimit-policy, retry-after');
    }
    done();
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
    // A page of the internet that calls an address of the user's own network: browsers that ask are told that it may.
    if (request.headers['access-control-request-private-network'] === 'true')
      void reply.header('access-control-allow-private-network', 'true');
    return reply
      .header('access-control-allow-methods', methods.join(', '))
      .header('access-control-allow-headers', headers.join(', '))
      .header('access-control-max-age', PREFLIGHT_SECONDS)
      .code(204)
      .send();
  });
}
