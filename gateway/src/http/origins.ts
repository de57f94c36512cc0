import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { GatewayConfig } from '../config.ts';

const SANDBOX = 'https://studio.apollographql.com';
const PREFLIGHT_SECONDS = '600';

/** Whether a browser page may call: no Origin is no browser, the gateway's own host may, and listed origins may. */
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

/** CORS for /graphql: answers preflight requests, and marks answers for the origins that may read them. */
export function addCors(app: FastifyInstance, isAllowed: IsAllowedOrigin): void {
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers;
    void reply.header('vary', 'origin');
    if (origin === undefined || !isAllowed(request.raw)) return;
    void reply.header('access-control-allow-origin', origin);
    void reply.header('access-control-expose-headers', 'ratelimit, ratelimit-policy, retry-after');
  });
  app.options('/graphql', (request: FastifyRequest, reply: FastifyReply) => {
    if (!isAllowed(request.raw)) return reply.code(403).send();
    return reply
      .header('access-control-allow-methods', 'GET, POST')
      .header(
        'access-control-allow-headers',
        'authorization, content-type, apollo-require-preflight, idempotency-key, traceparent',
      )
      .header('access-control-max-age', PREFLIGHT_SECONDS)
      .code(204)
      .send();
  });
}
