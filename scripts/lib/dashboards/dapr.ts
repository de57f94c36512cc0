import { type Dashboard, perSecond, quantile } from './build.ts';

export const dapr: Dashboard = {
  uid: 'todo-dapr',
  title: 'Dapr',
  rows: [
    {
      title: 'Calls between services',
      panels: [
        {
          title: 'Sidecars that answer',
          unit: 'short',
          queries: [['sum by (app) (up{$at, endpoint="dapr-metrics"})', '{{app}}']],
        },
        {
          title: 'Calls by status',
          unit: 'ops',
          queries: [
            [
              perSecond('dapr_runtime_service_invocation_res_recv_total', ['app_id', 'src_app_id', 'status']),
              '{{app_id}} to {{src_app_id}}: {{status}}',
            ],
          ],
        },
        {
          title: 'From call to answer, 95 %',
          unit: 'ms',
          queries: [
            [
              quantile(0.95, 'dapr_runtime_service_invocation_res_recv_latency_ms', '', ['app_id', 'src_app_id']),
              '{{app_id}} to {{src_app_id}}',
            ],
          ],
        },
        {
          title: 'From a sidecar to its app, 95 %',
          unit: 'ms',
          queries: [[quantile(0.95, 'dapr_http_client_roundtrip_latency', '', ['app_id']), '{{app_id}}']],
        },
        {
          title: 'Requests of apps to their sidecars',
          unit: 'ops',
          queries: [[perSecond('dapr_http_server_request_count', ['app_id', 'status']), '{{app_id}}: {{status}}']],
        },
        {
          title: 'Policies at work',
          description: 'Retries and timeouts of the Resiliency resource.',
          unit: 'ops',
          queries: [
            [perSecond('dapr_resiliency_count', ['app_id', 'policy', 'target']), '{{app_id}} {{policy}} {{target}}'],
          ],
        },
      ],
    },
    {
      title: 'State and events',
      panels: [
        {
          title: 'State stores, 95 %',
          unit: 'ms',
          queries: [
            [
              quantile(0.95, 'dapr_component_state_latencies', '', ['component', 'operation']),
              '{{component}} {{operation}}',
            ],
          ],
        },
        {
          title: 'State operations',
          unit: 'ops',
          queries: [
            [
              perSecond('dapr_component_state_count', ['component', 'operation', 'success']),
              '{{component}} {{operation}}, success {{success}}',
            ],
          ],
        },
        {
          title: 'Events in, one by one',
          unit: 'ops',
          queries: [
            [
              perSecond('dapr_component_pubsub_ingress_count', ['app_id', 'topic', 'process_status']),
              '{{app_id}} {{topic}} {{process_status}}',
            ],
          ],
        },
        {
          title: 'Events in, in bulk',
          unit: 'ops',
          queries: [
            [
              perSecond('dapr_component_pubsub_ingress_bulk_event_count', ['app_id', 'topic', 'process_status']),
              '{{app_id}} {{topic}} {{process_status}}',
            ],
          ],
        },
        {
          title: 'Publishing, 95 %',
          unit: 'ms',
          queries: [
            [quantile(0.95, 'dapr_component_pubsub_egress_latencies', '', ['app_id', 'topic']), '{{app_id}} {{topic}}'],
            [
              quantile(0.95, 'dapr_component_pubsub_egress_bulk_latencies', '', ['app_id', 'topic']),
              '{{app_id}} {{topic}}, in bulk',
            ],
          ],
        },
      ],
    },
    {
      title: 'Processes',
      panels: [
        {
          title: 'Memory of sidecars',
          unit: 'bytes',
          queries: [['process_resident_memory_bytes{$at, endpoint="dapr-metrics"}', '{{app}} {{pod}}']],
        },
        {
          title: 'CPU of sidecars',
          unit: 'short',
          queries: [
            ['sum by (app) (rate(process_cpu_seconds_total{$at, endpoint="dapr-metrics"}[$every]))', '{{app}}'],
          ],
        },
        {
          title: 'Goroutines',
          unit: 'short',
          queries: [['go_goroutines{$at, endpoint="dapr-metrics"}', '{{app}} {{pod}}']],
        },
      ],
    },
  ],
};
