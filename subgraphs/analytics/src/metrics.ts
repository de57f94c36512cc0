import type { Logger } from '@todo/service/logger';
import { Counter, Gauge, Histogram } from 'prom-client';

/** Analytics' metrics; labels are fixed words. */
export const metrics = {
  created: new Counter({ name: 'tasks_created_total', help: 'Tasks whose creation was seen' }),
  completion: new Histogram({
    name: 'task_completion_seconds',
    help: 'From the creation of a task to its completion',
    buckets: [60, 600, 3600, 4 * 3600, 86_400, 3 * 86_400, 7 * 86_400, 30 * 86_400, 90 * 86_400, 365 * 86_400],
  }),
  inboxLag: new Histogram({
    name: 'inbox_lag_seconds',
    help: 'From when something happened until its effect was committed here',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600],
  }),
  duplicates: new Counter({
    name: 'inbox_duplicates_total',
    help: 'Events that came again after their effect was committed',
  }),
  bulk: new Histogram({
    name: 'inbox_bulk_events',
    help: 'Events whose effects were committed in one transaction',
    buckets: [1, 2, 5, 10, 20, 50, 100],
  }),
};

/** From now on whoever reads the metrics is told how many tasks are open; NaN while the database does not say. */
export function measureActiveTasks(count: () => Promise<number>, logger: Logger): void {
  const gauge: Gauge = new Gauge({
    name: 'active_tasks',
    help: 'Tasks that are neither completed, cancelled nor deleted: of all users, so that every replica says the same',
    async collect() {
      try {
        gauge.set(await count());
      } catch (error) {
        logger.warn({ err: error }, 'open tasks could not be counted');
        gauge.set(Number.NaN);
      }
    },
  });
}
