import { once } from 'node:events';
import pg from 'pg';
import { Counter, Histogram } from 'prom-client';
import type { Dapr } from './dapr.ts';
import type { DomainEvent } from './events.ts';
import type { Logger } from './logger.ts';
import { publishBulk, type Publication } from './publish.ts';
import type { Stop } from './shutdown.ts';
import type { StateOperation } from './state.ts';
import type { TopicName } from './topics.ts';

/** The state operation that puts an event into the outbox: give it to the transaction that causes the event. */
export function outboxEntry<T extends TopicName>(topic: T, event: DomainEvent<T>): StateOperation {
  const publication: Publication = { topic, key: event.subject, event };
  return { op: 'create', key: `outbox-${event.id}`, value: publication };
}

/** For a migration of the database that the state store is in: the relay reads by this index. */
export const outboxIndexSql = `create index if not exists state_outbox on state (row_id) where key like 'outbox-%'`;

const BATCH = 100;
const POLL_MS = 1_000;
const MAX_BACKOFF_MS = 5_000;
/** Any number, the same in all replicas: who holds this advisory lock relays. */
const LOCK = 7_201_501;

const published = new Counter({
  name: 'outbox_published_total',
  help: 'Events that the relay handed to the broker',
  labelNames: ['topic'],
});
const delay = new Histogram({
  name: 'outbox_delay_seconds',
  help: 'From the commit of an event to its place in the broker',
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300],
});

export type OutboxRelay = {
  /** Says that a transaction with outbox entries was committed, so that they need not wait for the next poll. */
  nudge(): void;
  stop: Stop;
};

/**
 * Publishes outbox documents in the order of Dapr's `row_id` and deletes each once the broker has it. One relay is
 * active at a time, the holder of an advisory lock; another replica's takes over when the holder's connection ends.
 * @param options.databaseUrl the database that Dapr's state table is in
 */
export function startOutboxRelay(options: { databaseUrl: string; dapr: Dapr; logger: Logger }): OutboxRelay {
  const { dapr, logger } = options;
  let stopped = false;
  let nudged = false;
  let wake: (() => void) | undefined;
  let client: pg.Client | undefined;
  let waiting = false;

  const rest = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      if (stopped || nudged) return resolve();
      const timer = setTimeout(resolve, ms);
      wake = () => (clearTimeout(timer), resolve());
    });

  async function publishNext(sql: pg.Client): Promise<number> {
    const { rows } = await sql.query<{ key: string; value: Publication; age: number }>(
      `select key, convert_from(value, 'UTF8')::jsonb as value, extract(epoch from now() - created_at)::float8 as age
       from state where key like 'outbox-%' order by row_id limit $1`,
      [BATCH],
    );
    if (rows.length === 0) return 0;
    const start = performance.now();
    const batches = [...Map.groupBy(rows, (row) => row.value.topic)];
    const results = await Promise.allSettled(
      batches.map(([topic, entries]) =>
        publishBulk(
          dapr,
          topic,
          entries.map((entry) => entry.value),
        ),
      ),
    );
    const done: string[] = [];
    const problems: unknown[] = [];
    for (const [i, [topic, entries]] of batches.entries()) {
      const result = results[i] as PromiseSettledResult<Set<string>>;
      if (result.status === 'rejected') {
        problems.push(result.reason);
        continue;
      }
      if (result.value.size > 0) problems.push(new Error(`the broker refused ${result.value.size} events of ${topic}`));
      const taken = entries.filter((entry) => !result.value.has(entry.value.event.id));
      done.push(...taken.map((entry) => entry.key));
      published.inc({ topic }, taken.length);
      for (const entry of taken) delay.observe(entry.age + (performance.now() - start) / 1000);
    }
    if (done.length > 0) await sql.query(`delete from state where key = any($1)`, [done]);
    if (problems.length > 0) throw new BrokerTrouble(problems);
    return rows.length;
  }

  async function relay(): Promise<void> {
    const sql = new pg.Client({ connectionString: options.databaseUrl, application_name: 'outbox-relay' });
    client = sql;
    const lost = once(sql, 'error').then(([error]) => Promise.reject(error as Error));
    lost.catch(() => {});
    try {
      await sql.connect();
      waiting = true;
      await Promise.race([sql.query('select pg_advisory_lock($1)', [LOCK]), lost]);
      waiting = false;
      logger.info('outbox relay active');
      let failures = 0;
      while (!stopped) {
        nudged = false;
        try {
          if ((await publishNext(sql)) === BATCH) continue;
          failures = 0;
          await Promise.race([rest(POLL_MS), lost]);
        } catch (error) {
          if (!(error instanceof BrokerTrouble)) throw error;
          failures += 1;
          logger.warn({ errors: error.errors.map(String), failures }, 'outbox: the broker did not take all events');
          nudged = false;
          await Promise.race([rest(Math.min(100 * 2 ** failures, MAX_BACKOFF_MS)), lost]);
        }
      }
    } finally {
      waiting = false;
      client = undefined;
      await sql.end().catch((error: unknown) => logger.debug({ err: error }, 'outbox: ending the connection'));
    }
  }

  const running = (async () => {
    while (!stopped) {
      try {
        await relay();
      } catch (error) {
        if (stopped) return;
        logger.warn({ err: error }, 'outbox relay lost its database, starting again');
        nudged = false;
        await rest(POLL_MS);
      }
    }
  })();

  return {
    nudge() {
      nudged = true;
      wake?.();
    },
    async stop() {
      stopped = true;
      wake?.();
      // A relay that waits for the lock waits in the database: ending its connection is what wakes it.
      if (waiting) await client?.end();
      await running;
    },
  };
}

/** Some events stay in the outbox for now: the broker, or the way to it, did not take them. */
class BrokerTrouble extends AggregateError {}
