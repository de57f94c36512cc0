import type { Stop } from '@todo/service/shutdown';
import { LRUCache } from 'lru-cache';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';
import type { GatewayContext } from '../context.ts';
import { connectStore, type Store } from './store.ts';

const WINDOW_SECONDS = 60;
/** Keys that this process counts for at once: addresses cost a flood nothing. */
const MAX_KEYS = 50_000;

/** What is left of a quota. `resetSeconds` is when the window ends. */
export type Quota = { isExceeded: boolean; limit: number; remaining: number; resetSeconds: number };

/** Counts operations per minute. */
export type RateLimiter = {
  /**
   * Takes `points` from a key's quota; undefined where nothing is limited. Rejects with StoreAway where the store cannot
   * be asked and RATE_LIMIT_STORE_FAILURE is `closed`.
   */
  take: (key: string, points: number) => Promise<Quota | undefined>;
  stop: Stop;
};

/** The quota cannot be told. */
export class StoreAway extends Error {}

/**
 * Counts in Redis where there is one, so that replicas share a quota, and else in this process. A store that is away is
 * asked once a second; meanwhile each replica counts for itself (`open`) or nothing passes (`closed`).
 */
export function startRateLimiter(context: GatewayContext, maxKeys = MAX_KEYS): RateLimiter {
  const { RATE_LIMIT_PER_MINUTE: limit, RATE_LIMIT_STORE_FAILURE, REDIS_URL } = context.config;
  if (limit === 0) return { take: () => Promise.resolve(undefined), stop: () => Promise.resolve() };
  const options = { points: limit, duration: WINDOW_SECONDS, keyPrefix: 'gateway-rate' };
  const own = boundedMemory(options, maxKeys);
  const store: Store | undefined = REDIS_URL === undefined ? undefined : connectStore(context, REDIS_URL);
  const shared = store && new RateLimiterRedis({ ...options, storeClient: store.client, rejectIfRedisNotReady: true });

  return {
    take: async (key, points) => {
      if (shared && store) {
        const quota = await store.ask(() => consume(shared, key, points));
        if (quota) return quota;
        if (RATE_LIMIT_STORE_FAILURE === 'closed') throw new StoreAway('the store of the rate limit is away');
      }
      return consume(own, key, points);
    },
    stop: async () => store?.stop(),
  };
}

/** Counts in this process, for the keys that were used last. */
function boundedMemory(options: { points: number; duration: number; keyPrefix: string }, maxKeys: number) {
  const memory = new RateLimiterMemory(options);
  const forget = (_used: true, key: string, reason: string): void => {
    if (reason === 'evict') void memory.delete(key);
  };
  const keys = new LRUCache<string, true>({ max: maxKeys, dispose: forget });
  return {
    points: options.points,
    consume: (key: string, points: number) => {
      if (!keys.get(key)) keys.set(key, true);
      return memory.consume(key, points);
    },
  };
}

async function consume(
  limiter: Pick<RateLimiterAbstract, 'points' | 'consume'>,
  key: string,
  points: number,
): Promise<Quota> {
  const result = await limiter.consume(key, points).catch((refusal: unknown) => {
    if (refusal instanceof RateLimiterRes) return refusal;
    throw refusal;
  });
  return {
    isExceeded: result.consumedPoints > limiter.points,
    limit: limiter.points,
    remaining: result.remainingPoints,
    resetSeconds: Math.max(1, Math.ceil(result.msBeforeNext / 1000)),
  };
}
