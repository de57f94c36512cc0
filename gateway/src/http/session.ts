import type { IncomingMessage } from 'node:http';
import { parseCookie, stringifySetCookie } from 'cookie';
import type { FastifyInstance } from 'fastify';
import { unauthenticated } from '../auth/tokens.ts';
import type { GatewayConfig } from '../config.ts';
import type { Transport } from '../context.ts';
import type { ArrivalOf, CallerOf } from './callers.ts';
import { refusal } from '../refusal.ts';
import { addPreflight, checkOrigin, createOriginCheck, type IsAllowedOrigin } from './origins.ts';

/** Browsers drop larger cookies without a word (RFC 6265bis, 5.6). */
const MAX_COOKIE_LENGTH = 4096;
const HTTP: Transport = { name: 'http', readOnly: false };

/**
 * The token in a request's cookie, as an authorization; undefined where there is none. Browsers attach cookies by
 * themselves: throws a GraphQLError, FORBIDDEN (403), where it may have been a foreign page that made this one do so.
 */
export type ReadCookie = (request: Pick<IncomingMessage, 'headers'>) => string | undefined;

/** Reads the cookie called AUTH_COOKIE; nothing where that is undefined. */
export function createCookieReader(config: GatewayConfig): ReadCookie {
  const { AUTH_COOKIE: name } = config;
  if (name === undefined) return () => undefined;
  const isAllowed = createOriginCheck(config);
  return (request) => {
    const pairs = (request.headers.cookie ?? '').split(';');
    const [token, ...more] = pairs.flatMap((pair) => parseCookie(pair)[name] ?? []);
    if (token === undefined) return undefined;
    checkOrigin(request, isAllowed);
    // A browser has one of such a name: another was brought in by someone else.
    if (more.length > 0) throw unauthenticated(`there are several cookies called ${name}`);
    return `Bearer ${token}`;
  };
}

/**
 * Serves /session, where a browser puts its token into a cookie that no script can read: POST with the token as an
 * authorization sets it until the token expires, DELETE clears it.
 */
export function addSession(
  app: FastifyInstance,
  name: string,
  arrivalOf: ArrivalOf,
  callerOf: CallerOf,
  isAllowed: IsAllowedOrigin,
): void {
  const cookie = (value: string, maxAge: number): string =>
    stringifySetCookie({ name, value, maxAge, path: '/', secure: true, httpOnly: true, sameSite: 'strict' });

  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.url === '/session') void reply.header('cache-control', 'no-store');
  });
  addPreflight(app, '/session', ['POST', 'DELETE'], ['authorization', 'content-type'], isAllowed);
  app.post('/session', async (request, reply) => {
    checkOrigin(request, isAllowed);
    const { authorization } = request.headers;
    const token = authorization?.split(' ').at(-1);
    const { expires } = await callerOf(request.raw, arrivalOf(request.raw, HTTP), {
      signal: request.signal,
      authorization,
    });
    if (token === undefined || expires === undefined) throw unauthenticated('a session needs an access token');
    const set = cookie(token, Math.max(0, Math.floor((expires - Date.now()) / 1000)));
    if (set.length > MAX_COOKIE_LENGTH) throw tooLong();
    return reply.header('set-cookie', set).code(204).send();
  });
  app.delete('/session', async (request, reply) => {
    checkOrigin(request, isAllowed);
    return reply.header('set-cookie', cookie('', 0)).code(204).send();
  });
}

function tooLong() {
  const message = `the access token does not fit into a cookie of ${MAX_COOKIE_LENGTH} characters: send it as an authorization`;
  return refusal('BAD_REQUEST', message);
}
