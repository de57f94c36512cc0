import type { Stop } from '@todo/service/shutdown';
import type { GatewayContext } from '../context.ts';
import type { SubgraphResponse } from '../executor/run.ts';
import type { Address } from './address.ts';
import { createBreaker, type BreakerState } from './breaker.ts';
import { deadline } from './deadline.ts';
import { createExchange, type Call, type Exchange } from './exchange.ts';
import { healthOf, SubgraphFailure } from './failure.ts';
import { withRetries } from './retry.ts';

const LEVEL: Record<BreakerState, number> = { closed: 0, 'half-open': 1, open: 2 };

/** A subgraph's traffic, and where it goes. `send` ends at its deadline, or with the signal. */
export type Subgraph = {
  address: Address;
  send: (call: Call, signal: AbortSignal) => Promise<SubgraphResponse>;
  stop: Stop;
};

/** From the outside in: one deadline over all attempts, retries, the breaker, and the exchange itself. */
export function startSubgraph(
  { config, logger, metrics }: GatewayContext,
  service: string,
  address: Address,
): Subgraph {
  const timeoutMs = new Map(config.SUBGRAPH_TIMEOUTS).get(service) ?? config.SUBGRAPH_TIMEOUT_MS;
  const { exchange, stop } = createExchange(config, service, address);

  metrics.breakers.set({ subgraph: service }, LEVEL.closed);
  const guard = createBreaker({
    failurePercent: config.SUBGRAPH_BREAKER_PERCENT,
    windowMs: config.SUBGRAPH_BREAKER_WINDOW_MS,
    minCalls: config.SUBGRAPH_BREAKER_MIN_CALLS,
    openMs: config.SUBGRAPH_BREAKER_OPEN_MS,
    healthOf,
    refusal: () => new SubgraphFailure(service, 'open'),
    onChange: (state) => {
      metrics.breakers.set({ subgraph: service }, LEVEL[state]);
      logger[state === 'open' ? 'warn' : 'info']({ subgraph: service, state }, 'circuit breaker changed');
    },
  });
  const guarded: Exchange = (call, limit) => guard(() => exchange(call, limit));

  const retried = withRetries(guarded, {
    retries: config.SUBGRAPH_RETRIES,
    budgetPercent: config.SUBGRAPH_RETRY_BUDGET_PERCENT,
    onRetry: (outcome) => metrics.retries.inc({ subgraph: service, outcome }),
  });

  return {
    address,
    send: async (call, signal) => {
      const limit = deadline(timeoutMs, signal);
      try {
        return await retried(call, limit);
      } finally {
        limit.clear();
      }
    },
    stop: async () => {
      metrics.breakers.remove({ subgraph: service });
      await stop();
    },
  };
}
