import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/**
 * The gateway's metrics. Labels are bounded: names that the supergraph has, fixed words, and of what clients and subgraphs
 * choose the first that come.
 */
export type Metrics = ReturnType<typeof createMetrics>;

/** A registry of its own, so that several gateways can live in one process. */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  return {
    registry,
    operations: new Counter({
      name: 'gateway_operations_total',
      help: 'GraphQL operations; operation: its name, empty without one; transport: http, sse, multipart, ws; type: none where that is not known; outcome: ok, errors, failed (by a code that is no fault of the client: INTERNAL_SERVER_ERROR, …_UNAVAILABLE), refused (it never ran)',
      labelNames: ['operation', 'transport', 'type', 'outcome'] as const,
      registers,
    }),
    operationSeconds: new Histogram({
      name: 'gateway_operation_duration_seconds',
      help: 'Time from the arrival of an operation to its result, or to the opened stream of a subscription',
      labelNames: ['operation', 'transport'] as const,
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    errors: new Counter({
      name: 'gateway_errors_total',
      help: 'Errors in results, and requests turned away before they were operations, by extensions.code; other: none, or one of too many',
      labelNames: ['code'] as const,
      registers,
    }),
    operationCost: new Histogram({
      name: 'gateway_operation_cost',
      help: 'Static cost of valid operations, refused ones included',
      buckets: [0, 1, 3, 10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000, 1_000_000],
      registers,
    }),
    limitsHit: new Counter({
      name: 'gateway_limits_hit_total',
      help: 'Operations, batches and connections refused for exceeding a limit',
      labelNames: ['limit'] as const,
      registers,
    }),
    fetchSeconds: new Histogram({
      name: 'gateway_subgraph_fetch_duration_seconds',
      help: 'Time from sending an operation to a subgraph to its whole answer, retries included; outcome: ok, errors or what failed',
      labelNames: ['subgraph', 'outcome'] as const,
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    }),
    rateLimited: new Counter({
      name: 'gateway_rate_limited_total',
      help: 'Operations, or batches of them, refused by the rate limit',
      labelNames: ['transport'] as const,
      registers,
    }),
    rateLimitStoreFailures: new Counter({
      name: 'gateway_rate_limit_store_failures_total',
      help: 'How often the rate-limit store was asked and did not answer',
      registers,
    }),
    sharedFetches: new Counter({
      name: 'gateway_subgraph_fetches_shared_total',
      help: 'Fetches that were not sent because an identical one of the same identity was under way',
      labelNames: ['subgraph'] as const,
      registers,
    }),
    retries: new Counter({
      name: 'gateway_subgraph_retries_total',
      help: 'Requests to subgraphs that failed and could be retried, by outcome (sent, over_budget)',
      labelNames: ['subgraph', 'outcome'] as const,
      registers,
    }),
    breakers: new Gauge({
      name: 'gateway_subgraph_breaker_state',
      help: "State of a subgraph's circuit breaker: 0 closed, 1 half-open, 2 open",
      labelNames: ['subgraph'] as const,
      registers,
    }),
    webSockets: new Gauge({ name: 'gateway_websockets', help: 'Open WebSocket connections', registers }),
    subscribers: new Gauge({
      name: 'gateway_subscribers',
      help: 'Open subscriptions',
      labelNames: ['field', 'transport'] as const,
      registers,
    }),
    subscriptionsEnded: new Counter({
      name: 'gateway_subscriptions_ended_total',
      help: 'Subscriptions that ended, by why: completed, disconnected, token_expired, stopping, failed, or the code of their last result',
      labelNames: ['reason'] as const,
      registers,
    }),
    eventsReceived: new Counter({
      name: 'gateway_events_received_total',
      help: 'Events that the sidecar delivered',
      labelNames: ['topic'] as const,
      registers,
    }),
    eventsDelivered: new Counter({
      name: 'gateway_events_delivered_total',
      help: 'Events handed to a subscriber',
      labelNames: ['topic'] as const,
      registers,
    }),
    eventsDropped: new Counter({
      name: 'gateway_events_dropped_total',
      help: 'Events not handed on (duplicate, malformed) or withheld from a subscriber (filter_failed, slow_consumer)',
      labelNames: ['reason'] as const,
      registers,
    }),
    sharedExecutions: new Counter({
      name: 'gateway_event_executions_shared_total',
      help: 'Results of events that were not executed because an identical one of the same identity was under way',
      registers,
    }),
    eventsLost: new Counter({
      name: 'gateway_events_lost_total',
      help: 'Times that events of a topic never came, or that it was made anew: its streams ended',
      labelNames: ['topic'] as const,
      registers,
    }),
    eventLag: new Histogram({
      name: 'gateway_event_lag_seconds',
      help: 'Time from publishing to receipt, of own markers and of events (by the time that the broker has for them)',
      labelNames: ['kind'] as const,
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers,
    }),
    deliverySeconds: new Histogram({
      name: 'gateway_event_delivery_duration_seconds',
      help: "Time from the receipt of an event to a subscriber's result, in its queue and for the fields of subgraphs",
      buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers,
    }),
    supergraphReloads: new Counter({
      name: 'gateway_supergraph_reloads_total',
      help: 'Supergraph changes by outcome (accepted, refused), and failures to read it (unavailable)',
      labelNames: ['outcome'] as const,
      registers,
    }),
    supergraphInfo: new Gauge({
      name: 'gateway_supergraph_info',
      help: 'The supergraph in force, by the first 12 digits of its SHA-256',
      labelNames: ['hash'] as const,
      registers,
    }),
    planCacheHits: new Counter({
      name: 'gateway_plan_cache_hits_total',
      help: 'Operations whose plan was there',
      registers,
    }),
    planCacheMisses: new Counter({
      name: 'gateway_plan_cache_misses_total',
      help: 'Operations whose plan had to be made',
      registers,
    }),
    planCacheEvictions: new Counter({
      name: 'gateway_plan_cache_evictions_total',
      help: 'Plans that had to go for others: where it grows, PLAN_CACHE_SIZE is too small',
      registers,
    }),
    plans: new Gauge({ name: 'gateway_plan_cache_size', help: 'Query plans kept', registers }),
    planSeconds: new Histogram({
      name: 'gateway_plan_duration_seconds',
      help: 'Time to plan an operation, during which nothing else runs; also in advance, for a new supergraph',
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    }),
  };
}

/** Adds the process's own metrics (memory, event loop); once a process. */
export function collectProcessMetrics(metrics: Metrics): void {
  collectDefaultMetrics({ register: metrics.registry });
}
