import type { GraphQLError } from 'graphql';
import type { Caller, GatewayContext } from '../context.ts';
import { refusal } from '../refusal.ts';
import { quotaKey } from './key.ts';
import { StoreAway, type Quota, type RateLimiter } from './limiter.ts';

/** Whose quota is used, and where its use came in. */
type Charged = Pick<Caller, 'identity' | 'address' | 'transport'>;

/**
 * Takes operations from a caller's quota; resolves with the headers that an HTTP answer has to have. Throws a
 * GraphQLError: RATE_LIMITED (429), RATE_LIMIT_UNAVAILABLE (503).
 */
export type Charge = (who: Charged, operations: number) => Promise<Record<string, string>>;

/** Says what a quota comes to in the terms of clients. */
export function createCharge({ metrics }: GatewayContext, limiter: RateLimiter): Charge {
  return async (who, operations) => {
    const quota = await limiter.take(quotaKey(who), operations).catch((error: unknown) => {
      throw error instanceof StoreAway ? unavailable() : error;
    });
    if (!quota) return {};
    if (!quota.isExceeded) return headersOf(quota);
    metrics.rateLimited.inc({ transport: who.transport.name });
    throw limited(quota);
  };
}

/** The fields of draft-ietf-httpapi-ratelimit-headers. */
function headersOf({ limit, remaining, resetSeconds }: Quota): Record<string, string> {
  return {
    'ratelimit-policy': `"operations";q=${limit};w=60`,
    ratelimit: `"operations";r=${remaining};t=${resetSeconds}`,
  };
}

function limited(quota: Quota): GraphQLError {
  const { limit, resetSeconds: retryAfter } = quota;
  const headers = { ...headersOf(quota), 'retry-after': String(retryAfter) };
  const message = `more than ${limit} operations a minute: try again in ${retryAfter} seconds`;
  const error = refusal('RATE_LIMITED', message, 429, headers);
  error.extensions['retryAfter'] = retryAfter;
  return error;
}

function unavailable(): GraphQLError {
  const message = 'the rate limit cannot be told at the moment: try again later';
  return refusal('RATE_LIMIT_UNAVAILABLE', message, 503, { 'retry-after': '1' });
}
