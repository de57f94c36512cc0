import { type Dashboard, perSecond, quantile } from './build.ts';

export const gateway: Dashboard = {
  uid: 'todo-gateway',
  title: 'Gateway',
  rows: [
    {
      title: 'Operations',
      panels: [
        {
          title: 'Operations by outcome',
          description: 'failed: by the platform’s fault. errors, refused: by the client’s.',
          unit: 'ops',
          queries: [[perSecond('gateway_operations_total', ['outcome']), '{{outcome}}']],
        },
        {
          title: 'Time to a result',
          unit: 's',
          queries: [
            [quantile(0.5, 'gateway_operation_duration_seconds'), 'half'],
            [quantile(0.95, 'gateway_operation_duration_seconds'), '95 %'],
            [quantile(0.99, 'gateway_operation_duration_seconds'), '99 %'],
          ],
        },
        {
          title: 'Error budget: how fast it burns',
          description: 'At 1 the 0.1 % of 30 days last exactly 30 days. Alerts: 14.4 over an hour, 6 over six hours.',
          unit: 'short',
          queries: [
            ['gateway:operation_failures:ratio_rate1h{$at} / 0.001', 'over an hour'],
            ['gateway:operation_failures:ratio_rate6h{$at} / 0.001', 'over six hours'],
          ],
        },
        {
          title: 'Errors by code',
          unit: 'ops',
          queries: [[`topk(10, ${perSecond('gateway_errors_total', ['code'])})`, '{{code}}']],
        },
        {
          title: 'Operations by name',
          unit: 'ops',
          queries: [[`topk(10, ${perSecond('gateway_operations_total', ['operation'])})`, '{{operation}}']],
        },
        {
          title: 'Slowest operations, 95 %',
          unit: 's',
          queries: [
            [`topk(10, ${quantile(0.95, 'gateway_operation_duration_seconds', '', ['operation'])})`, '{{operation}}'],
          ],
        },
      ],
    },
    {
      title: 'Subgraphs',
      panels: [
        {
          title: 'Time of a fetch, 95 %',
          unit: 's',
          queries: [[quantile(0.95, 'gateway_subgraph_fetch_duration_seconds', '', ['subgraph']), '{{subgraph}}']],
        },
        {
          title: 'Fetches without a GraphQL response',
          unit: 'ops',
          queries: [
            [
              perSecond(
                'gateway_subgraph_fetch_duration_seconds_count',
                ['subgraph', 'outcome'],
                ', outcome!~"ok|errors"',
              ),
              '{{subgraph}} {{outcome}}',
            ],
          ],
        },
        {
          title: 'Circuit breakers',
          description: '0 closed, 1 half-open, 2 open, in the worst replica.',
          unit: 'short',
          queries: [['max by (subgraph) (gateway_subgraph_breaker_state{$at})', '{{subgraph}}']],
        },
        {
          title: 'Retries',
          unit: 'ops',
          queries: [[perSecond('gateway_subgraph_retries_total', ['subgraph', 'outcome']), '{{subgraph}} {{outcome}}']],
        },
        {
          title: 'Fetches that were shared',
          unit: 'ops',
          queries: [[perSecond('gateway_subgraph_fetches_shared_total', ['subgraph']), '{{subgraph}}']],
        },
        {
          title: 'Plans',
          description: 'How many operations found their plan, and how long making one takes.',
          unit: 'percentunit',
          queries: [
            [
              `${perSecond('gateway_plan_cache_hits_total')} / (${perSecond('gateway_plan_cache_hits_total')} + ${perSecond('gateway_plan_cache_misses_total')})`,
              'found',
            ],
          ],
        },
      ],
    },
    {
      title: 'Subscriptions',
      panels: [
        {
          title: 'Subscribers',
          unit: 'short',
          queries: [
            ['sum by (field, transport) (gateway_subscribers{$at})', '{{field}} {{transport}}'],
            ['sum (gateway_websockets{$at})', 'WebSockets'],
          ],
        },
        {
          title: 'Events in and out',
          unit: 'ops',
          queries: [
            [perSecond('gateway_events_received_total', ['topic']), 'received {{topic}}'],
            [perSecond('gateway_events_delivered_total', ['topic']), 'delivered {{topic}}'],
          ],
        },
        {
          title: 'From the broker to a subscriber, 99 %',
          unit: 's',
          queries: [
            [quantile(0.99, 'gateway_event_lag_seconds', '', ['kind']), 'to the gateway: {{kind}}'],
            [quantile(0.99, 'gateway_event_delivery_duration_seconds'), 'on to a subscriber'],
          ],
        },
        {
          title: 'Events not handed on',
          unit: 'ops',
          queries: [
            [perSecond('gateway_events_dropped_total', ['reason']), '{{reason}}'],
            [perSecond('gateway_events_lost_total', ['topic']), 'lost {{topic}}'],
          ],
        },
        {
          title: 'Subscriptions that ended',
          unit: 'ops',
          queries: [[perSecond('gateway_subscriptions_ended_total', ['reason']), '{{reason}}']],
        },
        {
          title: 'Refused',
          unit: 'ops',
          queries: [
            [perSecond('gateway_rate_limited_total', ['transport']), 'rate limit, {{transport}}'],
            [perSecond('gateway_limits_hit_total', ['limit']), '{{limit}}'],
            [perSecond('gateway_rate_limit_store_failures_total'), 'the store of rates failed'],
          ],
        },
      ],
    },
    {
      title: 'Processes',
      panels: [
        {
          title: 'Event loop late, 99 %',
          unit: 's',
          queries: [['nodejs_eventloop_lag_p99_seconds{$at, app="api-gateway"}', '{{pod}}']],
        },
        {
          title: 'Memory',
          unit: 'bytes',
          queries: [['process_resident_memory_bytes{$at, app="api-gateway", endpoint="metrics"}', '{{pod}}']],
        },
        {
          title: 'CPU',
          unit: 'short',
          queries: [
            [
              'sum by (pod) (rate(process_cpu_seconds_total{$at, app="api-gateway", endpoint="metrics"}[$every]))',
              '{{pod}}',
            ],
          ],
        },
      ],
    },
  ],
};
