import type { Stop } from '@todo/service/shutdown';
import { Redis } from 'ioredis';
import type { GatewayContext } from '../context.ts';

const ASK_AGAIN_MS = 1000;
const RECONNECT_MAX_MS = 2000;

/** A Redis that may go away. */
export type Store = {
  client: Redis;
  /** What the store answers; undefined while it is away. Nobody waits longer than RATE_LIMIT_STORE_TIMEOUT_MS. */
  ask: <T>(question: () => Promise<T>) => Promise<T | undefined>;
  stop: Stop;
};

/** Connects in the background, and again whenever the connection breaks. A change of its state is logged, once. */
export function connectStore({ config, logger, metrics }: GatewayContext, url: string): Store {
  const client = new Redis(url, {
    commandTimeout: config.RATE_LIMIT_STORE_TIMEOUT_MS,
    connectTimeout: config.RATE_LIMIT_STORE_TIMEOUT_MS * 4,
    // What cannot be asked now is not asked later: the request has its answer by then.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(attempt * 100, RECONNECT_MAX_MS),
  });
  // Each attempt to connect fails with an event; what it means is told where the store is asked.
  client.on('error', (error) => logger.debug({ err: error }, 'Redis'));
  let askAgainAt: number | undefined;

  const note = (isAway: boolean, error?: unknown): void => {
    if (isAway) metrics.rateLimitStoreFailures.inc();
    if (isAway === (askAgainAt !== undefined)) return;
    if (isAway) logger.error({ err: error, choice: config.RATE_LIMIT_STORE_FAILURE }, 'the rate-limit store is away');
    else logger.info('the rate-limit store is back');
  };

  return {
    client,
    ask: async (question) => {
      // While it is away one request a second finds out whether it is back; the others do not wait for it.
      if (askAgainAt !== undefined && Date.now() < askAgainAt) return undefined;
      if (askAgainAt !== undefined) askAgainAt = Date.now() + ASK_AGAIN_MS;
      try {
        const answer = await question();
        note(false);
        askAgainAt = undefined;
        return answer;
      } catch (error) {
        note(true, error);
        askAgainAt = Date.now() + ASK_AGAIN_MS;
        return undefined;
      }
    },
    stop: async () => client.disconnect(),
  };
}
