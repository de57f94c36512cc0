import { type Dashboard, perSecond, quantile } from './build.ts';

export const events: Dashboard = {
  uid: 'todo-events',
  title: 'Events',
  rows: [
    {
      title: 'Out of the services',
      panels: [
        {
          title: 'Age of the oldest event in an outbox',
          unit: 's',
          queries: [['max by (app) (outbox_lag_seconds{$at})', '{{app}}']],
        },
        {
          title: 'Events published',
          unit: 'ops',
          queries: [[perSecond('outbox_published_total', ['topic']), '{{topic}}']],
        },
        {
          title: 'From commit to broker',
          unit: 's',
          queries: [
            [quantile(0.5, 'outbox_delay_seconds', '', ['app']), '{{app}}, half'],
            [quantile(0.99, 'outbox_delay_seconds', '', ['app']), '{{app}}, 99 %'],
          ],
        },
      ],
    },
    {
      title: 'Kafka',
      panels: [
        {
          title: 'Events that wait for a consumer',
          unit: 'short',
          queries: [['sum by (consumergroup, topic) (kafka_consumergroup_lag)', '{{consumergroup}} {{topic}}']],
        },
        {
          title: 'Brokers',
          unit: 'short',
          queries: [
            ['kafka_brokers', 'brokers'],
            ['sum (kafka_topic_partition_under_replicated_partition)', 'partitions without all replicas'],
          ],
        },
        {
          title: 'Events written',
          unit: 'ops',
          queries: [['sum by (topic) (rate(kafka_topic_partition_current_offset[$every]))', '{{topic}}']],
        },
      ],
    },
    {
      title: 'Into the services',
      panels: [
        {
          title: 'Events handled',
          description: 'retry: what the handler needs is away, and the event comes again.',
          unit: 'ops',
          queries: [[perSecond('events_handled_total', ['app', 'topic', 'outcome']), '{{app}} {{topic}} {{outcome}}']],
        },
        {
          title: 'Until analytics has the effect',
          unit: 's',
          queries: [
            [quantile(0.5, 'inbox_lag_seconds'), 'half'],
            [quantile(0.99, 'inbox_lag_seconds'), '99 %'],
          ],
        },
        {
          title: 'Events that came again',
          unit: 'ops',
          queries: [[perSecond('inbox_duplicates_total'), 'known to analytics']],
        },
        {
          title: 'Dead letters open',
          unit: 'short',
          now: true,
          queries: [['max (dead_letters_open{$at})', 'open']],
        },
        {
          title: 'Dead letters that came',
          unit: 'short',
          queries: [['sum by (topic) (increase(dead_letters_total{$at}[$every]))', '{{topic}}']],
        },
      ],
    },
  ],
};
