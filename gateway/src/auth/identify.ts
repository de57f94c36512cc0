import type { Credentials, GatewayContext } from '../context.ts';
import { createTokenVerifier, unauthenticated, type VerifyToken } from './tokens.ts';

/** Who a token speaks for. Throws as `VerifyToken` does. */
export type Identify = (authorization: string | undefined) => Promise<Credentials>;

const ANONYMOUS: Credentials = { identity: undefined, expires: undefined };

/** The one way in which every transport learns who calls, as AUTH wants it. */
export function createIdentify({ config, logger }: Pick<GatewayContext, 'config' | 'logger'>): Identify {
  if (config.AUTH === 'off') return () => Promise.resolve(ANONYMOUS);
  const issuer = {
    issuer: config.AUTH_ISSUER as string,
    audience: config.AUTH_AUDIENCE as string,
    algorithms: config.AUTH_ALGORITHMS,
    jwksUrl: config.AUTH_JWKS_URL as string,
    maxStaleMs: config.AUTH_JWKS_MAX_STALE_MS,
  };
  const verify = createTokenVerifier(issuer, logger);
  return identifyWith(verify, config.AUTH === 'required');
}

/** Takes `Bearer <token>`. A bad token is refused even where none is needed: the caller means to be someone. */
export function identifyWith(verify: VerifyToken, required: boolean): Identify {
  return async (authorization) => {
    if (authorization === undefined) {
      if (required) throw unauthenticated('this needs an access token');
      return ANONYMOUS;
    }
    const token = /^Bearer +([^\s]+)$/i.exec(authorization)?.[1];
    if (token === undefined) throw unauthenticated('the authorization is not a bearer token');
    return verify(token);
  };
}
