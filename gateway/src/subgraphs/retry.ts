import type { Deadline } from './deadline.ts';
import type { Exchange } from './exchange.ts';
import { mayRetry } from './failure.ts';
import { slidingWindow } from './window.ts';

const BUDGET_WINDOW_MS = 10_000;
/** So that a subgraph with little traffic is retried at all. */
const MIN_BUDGET = 3;
const FIRST_DELAY_MS = 25;
const MAX_DELAY_MS = 1000;

type RetryOptions = {
  /** Attempts after the first. */
  retries: number;
  /** How many retries there may be for 100 calls, over the last 10 s: retries must not multiply an outage. */
  budgetPercent: number;
  onRetry: (outcome: 'sent' | 'over_budget') => void;
};

/**
 * Sends a query again that did not get through, after a jittered pause that doubles, as long as the deadline and the
 * budget allow. Never a mutation: it may have been done.
 */
export function withRetries(next: Exchange, { retries, budgetPercent, onRetry }: RetryOptions): Exchange {
  const recent = slidingWindow(BUDGET_WINDOW_MS, ['call', 'retry']);
  const isInBudget = (): boolean =>
    recent.count('retry') < Math.max(MIN_BUDGET, (recent.count('call') * budgetPercent) / 100);

  return async (call, limit) => {
    recent.add('call');
    for (let retry = 0; ; retry++) {
      try {
        return await next(call, limit);
      } catch (error) {
        if (call.kind !== 'query' || retry >= retries || !mayRetry(error)) throw error;
        const delay = Math.min(FIRST_DELAY_MS * 2 ** retry, MAX_DELAY_MS) * (0.5 + Math.random());
        if (delay >= limit.left()) throw error;
        if (!isInBudget()) {
          onRetry('over_budget');
          throw error;
        }
        recent.add('retry');
        onRetry('sent');
        // Where the time is over, the next attempt says why.
        await pause(delay, limit);
      }
    }
  };
}

/** Ends early where the time is over. */
function pause(ms: number, limit: Deadline): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    limit.onceOver(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}
