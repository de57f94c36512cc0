import type { Logger } from '@todo/service/logger';
import { createRemoteJWKSet, errors, type JWTVerifyGetKey } from 'jose';

const FETCH_TIMEOUT_MS = 5000;
/** How old keys may get before they are fetched again, beside the tokens that need them. */
const REFRESH_MS = 10 * 60_000;
/** How long to wait after a failure while there are no keys at all. */
const RETRY_MS = 1000;

/** The issuer's keys cannot be had: no token's fault. */
export class KeysUnavailable extends Error {}

export type KeysOptions = {
  jwksUrl: string;
  /** The last known keys go on being used for that long while the issuer is away, in milliseconds. */
  maxStaleMs: number;
  /** Keys are fetched at most once in that time, whatever tokens arrive, in milliseconds. */
  cooldownMs?: number;
  /** The issuer shows other keys than before. */
  onChange: () => void;
  logger: Logger;
};

/**
 * An issuer's keys (RFC 7517), fetched when they are first needed, when a token names an unknown one, and every ten
 * minutes. Only tokens that need a fetch wait for it. Throws KeysUnavailable, or what jose throws for a bad token.
 */
export function createKeys({
  jwksUrl,
  maxStaleMs,
  cooldownMs = 30_000,
  onChange,
  logger,
}: KeysOptions): JWTVerifyGetKey {
  // When to fetch is decided here: jose would try anew for each token while the issuer is away, and drop old keys then.
  const keys = createRemoteJWKSet(new URL(jwksUrl), {
    cacheMaxAge: Infinity,
    cooldownDuration: Infinity,
    timeoutDuration: FETCH_TIMEOUT_MS,
  });
  let shown: string | undefined;
  let fetchedAt = -Infinity;
  let triedAt = -Infinity;
  let failure: unknown;
  let pending: Promise<void> | undefined;

  const age = (): number => performance.now() - fetchedAt;

  const fetchKeys = async (): Promise<void> => {
    triedAt = performance.now();
    try {
      await keys.reload();
    } catch (error) {
      failure = error;
      logger.warn({ err: error, jwksUrl, usable: age() <= maxStaleMs }, 'the issuer’s keys cannot be fetched');
      throw new KeysUnavailable('the issuer’s keys cannot be fetched', { cause: error });
    }
    failure = undefined;
    fetchedAt = performance.now();
    const now = JSON.stringify(keys.jwks());
    if (shown !== undefined && shown !== now) onChange();
    shown = now;
  };

  /** Resolves when the keys are as new as can be had for now. */
  const renew = async (): Promise<void> => {
    if (pending) return pending;
    const wait = age() <= maxStaleMs ? cooldownMs : Math.min(cooldownMs, RETRY_MS);
    if (performance.now() - triedAt >= wait) return (pending = fetchKeys().finally(() => (pending = undefined)));
    if (failure !== undefined) throw new KeysUnavailable('the issuer’s keys cannot be fetched', { cause: failure });
  };

  return async (header, token) => {
    if (age() > maxStaleMs) await renew();
    else if (age() > REFRESH_MS) renew().catch(() => undefined); // logged where it failed
    try {
      return await keys(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await renew();
      return keys(header, token);
    }
  };
}
