import { hash } from 'node:crypto';
import type { Identity } from '@todo/service/identity';
import type { Logger } from '@todo/service/logger';
import { GraphQLError } from 'graphql';
import { errors, jwtVerify, type JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Credentials } from '../context.ts';
import { refusal } from '../refusal.ts';
import { createKeys, KeysUnavailable } from './keys.ts';

const MAX_CACHED_TOKENS = 10_000;
/** Node takes no longer headers either. */
const MAX_TOKEN_LENGTH = 16 * 1024;
const CLOCK_TOLERANCE_SECONDS = 5;

/** Whose tokens count, for whom, signed how, and where the keys are. */
export type Issuer = {
  issuer: string;
  audience: string;
  algorithms: readonly string[];
  jwksUrl: string;
  /** See KeysOptions. */
  maxStaleMs: number;
  cooldownMs?: number;
};

/** Verifies a token. Throws a GraphQLError: UNAUTHENTICATED (401), or AUTH_UNAVAILABLE (503) without the issuer's keys. */
export type VerifyToken = (token: string) => Promise<Credentials>;

/**
 * Verifies JWTs against an issuer's keys (RFC 7519, 7517). A verified token is remembered until it expires, or the
 * issuer shows other keys: one signed with a key that was withdrawn is refused from then on.
 */
export function createTokenVerifier({ issuer, audience, algorithms, ...source }: Issuer, logger: Logger): VerifyToken {
  const verified = new LRUCache<string, Credentials & { expires: number }>({ max: MAX_CACHED_TOKENS });
  const keys = createKeys({ ...source, logger, onChange: () => verified.clear() });
  const options = {
    issuer,
    audience,
    algorithms: [...algorithms],
    requiredClaims: ['exp', 'sub'],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
  };

  return async (token) => {
    if (token.length > MAX_TOKEN_LENGTH) throw unauthenticated('the access token is too long');
    // By its digest, so that the cache holds no credentials.
    const digest = hash('sha256', token, 'base64');
    const known = verified.get(digest);
    if (known && known.expires > Date.now()) return known;
    const { payload } = await jwtVerify(token, keys, options).catch((error: unknown) => {
      throw toldOf(error);
    });
    const credentials = { identity: identityIn(payload), expires: (payload.exp as number) * 1000 };
    verified.set(digest, credentials);
    return credentials;
  };
}

/** A caller who must say who they are, and did not. */
export function unauthenticated(reason: string): GraphQLError {
  const message = `${reason}: send a valid access token as "Authorization: Bearer <token>", or as "authorization" in the payload of connection_init`;
  return refusal('UNAUTHENTICATED', message, 401);
}

/** Any characters may be in a subject, and any values in claims: issuers choose them. */
function identityIn(payload: JWTPayload): Identity {
  const { sub, scope } = payload;
  if (typeof sub !== 'string' || sub === '') throw unauthenticated('the access token has no subject (sub)');
  const scopes = typeof scope === 'string' ? scope.split(' ').filter((word) => word !== '') : [];
  return { sub, scopes, claims: payload };
}

function toldOf(error: unknown): GraphQLError {
  if (error instanceof errors.JWTExpired) return unauthenticated('the access token has expired');
  if (error instanceof errors.JWTClaimValidationFailed)
    return unauthenticated(`the access token is not meant for this service (${error.claim})`);
  if (error instanceof errors.JOSEError) return unauthenticated('the access token is not valid');
  return new GraphQLError('access tokens cannot be verified at the moment: try again later', {
    // Known trouble was logged when it was found; a key that cannot be used comes to light here.
    originalError: error instanceof KeysUnavailable ? undefined : (error as Error),
    extensions: { code: 'AUTH_UNAVAILABLE', http: { status: 503 } },
  });
}
