import { createHash } from 'node:crypto';
import type { Identity } from '@todo/service/identity';
import { GraphQLError } from 'graphql';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload } from 'jose';
import { LRUCache } from 'lru-cache';
import type { Credentials } from '../context.ts';

/** Asymmetric signatures only: a shared secret would let every verifier issue tokens. */
const ALGORITHMS = ['EdDSA', 'ES256', 'RS256'];
const MAX_CACHED_TOKENS = 10_000;
const CLOCK_TOLERANCE_SECONDS = 5;

/** Whose tokens count, for whom, and where the keys are. */
export type Issuer = {
  issuer: string;
  audience: string;
  jwksUrl: string;
  /** How long an unknown key id waits before the keys are fetched again, in milliseconds. */
  cooldownMs?: number;
};

/** Verifies a token. Throws a GraphQLError: UNAUTHENTICATED (401), or AUTH_UNAVAILABLE (503) without the issuer's keys. */
export type VerifyToken = (token: string) => Promise<Credentials>;

/** Verifies JWTs against an issuer's keys (RFC 7519, 7517); a verified token is remembered until it expires. */
export function createTokenVerifier({ issuer, audience, jwksUrl, cooldownMs = 30_000 }: Issuer): VerifyToken {
  const keys = createRemoteJWKSet(new URL(jwksUrl), { cooldownDuration: cooldownMs, timeoutDuration: 5000 });
  const verified = new LRUCache<string, Credentials & { expires: number }>({ max: MAX_CACHED_TOKENS });
  const options = {
    issuer,
    audience,
    algorithms: ALGORITHMS,
    requiredClaims: ['exp', 'sub'],
    clockTolerance: CLOCK_TOLERANCE_SECONDS,
  };

  return async (token) => {
    // By its digest, so that the cache holds no credentials.
    const digest = createHash('sha256').update(token).digest('base64');
    const known = verified.get(digest);
    if (known && known.expires > Date.now()) return known;
    const { payload } = await jwtVerify(token, keys, options).catch((error: unknown) => {
      throw refusal(error);
    });
    const credentials = { identity: identityIn(payload), expires: (payload.exp as number) * 1000 };
    verified.set(digest, credentials);
    return credentials;
  };
}

/** A caller who must say who they are, and did not. */
export function unauthenticated(reason: string): GraphQLError {
  return new GraphQLError(
    `${reason}: send a valid access token as "Authorization: Bearer <token>", or as "authorization" in the payload of connection_init`,
    { extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } },
  );
}

function identityIn(payload: JWTPayload): Identity {
  const scope = payload['scope'];
  return {
    sub: payload.sub as string,
    scopes: typeof scope === 'string' ? scope.split(' ').filter((word) => word !== '') : [],
    claims: payload,
  };
}

function refusal(error: unknown): GraphQLError {
  if (error instanceof errors.JWTExpired) return unauthenticated('the access token has expired');
  if (error instanceof errors.JWTClaimValidationFailed)
    return unauthenticated(`the access token is not meant for this service (${error.claim})`);
  const fault = [errors.JWTInvalid, errors.JWSInvalid, errors.JWSSignatureVerificationFailed, errors.JOSENotSupported];
  const unknownKey = [errors.JOSEAlgNotAllowed, errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys];
  if ([...fault, ...unknownKey].some((type) => error instanceof type))
    return unauthenticated('the access token is not valid');
  return new GraphQLError('access tokens cannot be verified at the moment: try again later', {
    originalError: error as Error,
    extensions: { code: 'AUTH_UNAVAILABLE', http: { status: 503 } },
  });
}
