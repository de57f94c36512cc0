import { createLogger } from '@todo/service/logger';
import { register, type Registry } from 'prom-client';
import { createMetrics } from '../../gateway/src/metrics.ts';
import type { DeclaredMetric } from './metrics-table.ts';

/** The metrics of a part of the platform. */
export type MetricsOf = { title: string; metrics: DeclaredMetric[] };

const logger = createLogger('metrics', 'silent');

/** What declares metrics when it is imported, in the registry that a service's modules share. */
const modules: [title: string, load: () => Promise<unknown>][] = [
  ['Services with an outbox: task, notification', () => import('@todo/service/outbox')],
  ['Services that consume events: scheduler, notification, analytics', () => import('@todo/service/subscriber')],
  ['The scheduler service', () => import('../../subgraphs/scheduler/src/metrics.ts')],
  [
    'The notification service',
    async () => {
      const { measureCircuits, measureDeadLetters } = await import('../../subgraphs/notification/src/metrics.ts');
      measureDeadLetters(async () => 0, logger);
      measureCircuits([], { open: () => [] });
    },
  ],
  [
    'The analytics service',
    async () => (await import('../../subgraphs/analytics/src/metrics.ts')).measureActiveTasks(async () => 0, logger),
  ],
];

const metricsIn = (registry: Registry): DeclaredMetric[] => registry.getMetricsAsArray() as unknown as DeclaredMetric[];

/** Every metric that the gateway and the services declare, by who has it. */
export async function declaredMetrics(): Promise<MetricsOf[]> {
  const all: MetricsOf[] = [{ title: 'The gateway', metrics: metricsIn(createMetrics().registry) }];
  for (const [title, load] of modules) {
    const before = new Set(metricsIn(register).map(({ name }) => name));
    await load();
    all.push({ title, metrics: metricsIn(register).filter(({ name }) => !before.has(name)) });
  }
  return all;
}
