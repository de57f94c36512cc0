import type { Logger } from '@todo/service/logger';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { Circuits } from './deliveries/circuits.ts';
import type { Channel } from './generated/resolvers.ts';

/** The notification service's metrics; labels are fixed words. */
export const metrics = {
  deliveries: new Counter({
    name: 'notification_deliveries_total',
    help: 'Attempts to send: delivered, failed (will be tried again), unknown (no answer: it may have been sent), refused or exhausted (given up), repeated (begun before, without an end), withheld (its circuit opened just before), quiet (quiet hours have begun)',
    labelNames: ['channel', 'outcome'] as const,
  }),
  lateness: new Histogram({
    name: 'notification_delivery_delay_seconds',
    help: 'Time from when something was to be sent until the receiver had taken it',
    labelNames: ['channel'] as const,
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 3600, 86_400],
  }),
  digests: new Counter({
    name: 'notification_digests_total',
    help: 'Digests whose time came: sent, empty, failed (will be tried again)',
    labelNames: ['outcome'] as const,
  }),
  deadLetters: new Counter({
    name: 'dead_letters_total',
    help: 'Events that a service could not handle, by topic',
    labelNames: ['topic'] as const,
  }),
};

/** The gauge of open dead letters, which are counted whenever it is read; NaN while they cannot be. */
export const measureDeadLetters = (count: () => Promise<number>, logger: Logger): Gauge =>
  new Gauge({
    name: 'dead_letters_open',
    help: 'Dead letters that were neither replayed nor discarded',
    async collect() {
      try {
        this.set(await count());
      } catch (error) {
        logger.warn({ err: error }, 'dead letters could not be counted');
        this.set(Number.NaN);
      }
    },
  });

/** The gauge of open circuits, which are counted whenever it is read. */
export const measureCircuits = (channels: readonly Channel[], circuits: Pick<Circuits, 'open'>): Gauge<'channel'> =>
  new Gauge({
    name: 'notification_circuits_open',
    help: 'Receivers that failed five times in a row, and have taken nothing since: for email and SMS the one server of all users, for webhooks and web push those of single users',
    labelNames: ['channel'],
    collect() {
      const open = Map.groupBy(circuits.open(), (name) => name.split(' ', 1)[0]);
      for (const channel of channels) this.set({ channel }, open.get(channel)?.length ?? 0);
    },
  });
