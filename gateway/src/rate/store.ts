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
  const patience = config.RATE_LIMIT_STORE_TIMEOUT_MS;
  const client = new Redis(url, {
    commandTimeout: patience,
    connectTimeout: patience * 4,
    // One that takes commands and answers none is connected to anew: they would pile up.
    socketTimeout: patience * 4,
    retryStrategy: (attempt) => Math.min(attempt * 100, RECONNECT_MAX_MS),
    // What cannot be asked now is not asked later: the request has its answer by then.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
  });
  // Each attempt to connect fails with an event; what it means is told where the store is asked.
  let trouble: Error | undefined;
  client.on('error', (error) => (trouble = error));
  client.on('ready', () => (trouble = undefined));
  let askAgainAt: number | undefined;

  const found = (): void => {
    if (askAgainAt !== undefined) logger.info('the rate-limit store is back');
    askAgainAt = undefined;
  };
  const missed = (error: unknown): void => {
    metrics.rateLimitStoreFailures.inc();
    if (askAgainAt === undefined)
      logger.error(
        { reason: reasonOf(trouble ?? error), failure: config.RATE_LIMIT_STORE_FAILURE },
        'the rate-limit store is away',
      );
    askAgainAt = Date.now() + ASK_AGAIN_MS;
  };

  return {
    client,
    ask: async (question) => {
      if (askAgainAt !== undefined) {
        // While it is away one request a second finds out whether it is back; the others do not wait for it.
        if (Date.now() < askAgainAt) return undefined;
        askAgainAt = Date.now() + Math.max(ASK_AGAIN_MS, patience);
      }
      try {
        const answer = await question();
        found();
        return answer;
      } catch (error) {
        missed(error);
        return undefined;
      }
    },
    stop: async () => client.disconnect(),
  };
}

/** Not the error itself: a command's holds its arguments, which may be a password. */
function reasonOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return message || String(code);
}
