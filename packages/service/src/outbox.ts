import { once } from 'node:events';
import pg from 'pg';
import { Gauge } from 'prom-client';
import type { Dapr } from './dapr.ts';
import type { DomainEvent } from './events.ts';
import type { Logger } from './logger.ts';
import { type OutboxRow, publishRows } from './outbox-publish.ts';
import type { Publication } from './publish.ts';
import type { Stop } from './shutdown.ts';
import type { StateOperation } from './state.ts';
import type { TopicName } from './topics.ts';
import type { Tracing } from './tracing.ts';

/** The state operation that puts an event into the outbox: give it to the transaction that causes the event. */
export function outboxEntry<T extends TopicName>(topic: T, event: DomainEvent<T>): StateOperation {
  const publication: Publication = { topic, key: event.subject, event };
  // The relay leaves topics out by their names in keys.
  return { op: 'create', key: `outbox-${topic}-${event.id}`, value: publication };
}

/** For a migration of the database that the state store is in: the relay reads by this index. */
export const outboxIndexSql = `create index if not exists state_outbox on state (row_id) where key like 'outbox-%'`;

const BATCH = 100;
const POLL_MS = 1_000;
const MAX_BACKOFF_MS = 5_000;
/** Any number, the same in all replicas: who holds this advisory lock relays. */
const LOCK = 7_201_501;

const lag = new Gauge({
  name: 'outbox_lag_seconds',
  help: 'Age of the oldest event in the outbox when the active relay last looked; 0 where there was none',
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
export function startOutboxRelay(options: {
  databaseUrl: string;
  dapr: Dapr;
  logger: Logger;
  tracing?: Tracing | undefined;
}): OutboxRelay {
  const { dapr, logger, tracing } = options;
  let stopped = false;
  let nudged = false;
  let wake: (() => void) | undefined;
  let client: pg.Client | undefined;
  let waiting = false;
  /** Topics of which the broker did not take all, and until when they are left out. */
  const held = new Map<string, { failures: number; until: number }>();

  const rest = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      if (stopped || nudged) return resolve();
      const timer = setTimeout(resolve, ms);
      wake = () => (clearTimeout(timer), resolve());
    });

  /** One batch of what is not held back. @returns whether there may be more of it */
  async function publishNext(sql: pg.Client): Promise<boolean> {
    const withheld = [...held].filter(([, { until }]) => until > performance.now()).map(([topic]) => topic);
    const { rows } = await sql.query<OutboxRow>(
      `select key, convert_from(value, 'UTF8')::jsonb as value, length(value) as bytes, ${AGE} as age
       from state where key like 'outbox-%' and split_part(key, '-', 2) <> all($2) order by row_id limit $1`,
      [BATCH, withheld],
    );
    lag.set(withheld.length === 0 ? (rows[0]?.age ?? 0) : await oldest(sql));
    // Keys from before they named the topic are read all the same.
    const ready = rows.filter(({ value }) => !withheld.includes(value.topic));
    const byTopic = Map.groupBy(ready, ({ value }) => value.topic);
    for (const topic of held.keys())
      if (rows.length < BATCH && !withheld.includes(topic) && !byTopic.has(topic)) held.delete(topic);
    const results = await Promise.all(
      [...byTopic].map(async ([topic, entries]) => {
        const { done, problem } = await publishRows(dapr, topic, entries, tracing);
        if (problem === undefined) held.delete(topic);
        else hold(topic, problem);
        return done;
      }),
    );
    const done = results.flat();
    if (done.length > 0) await sql.query(`delete from state where key = any($1)`, [done]);
    return rows.length === BATCH && ready.length > 0;
  }

  /** Leaves a topic out for a while, so that what the broker does not take of it holds back no other. */
  function hold(topic: string, problem: unknown): void {
    const failures = (held.get(topic)?.failures ?? 0) + 1;
    logger.warn({ topic, error: String(problem), failures }, 'outbox: the broker did not take all events');
    held.set(topic, { failures, until: performance.now() + Math.min(100 * 2 ** failures, MAX_BACKOFF_MS) });
  }

  /** Until the next poll, or until a topic is to be tried again. */
  const pause = (): number =>
    Math.max(0, Math.min(POLL_MS, ...[...held.values()].map(({ until }) => until - performance.now())));

  async function relay(): Promise<void> {
    const sql = new pg.Client({
      connectionString: options.databaseUrl,
      application_name: 'outbox-relay',
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    client = sql;
    // A lost connection is reported more than once.
    sql.on('error', (error) => logger.debug({ err: error }, 'outbox: the connection was lost'));
    const lost = once(sql, 'error').then(([error]) => Promise.reject(error as Error));
    lost.catch(() => {});
    try {
      await sql.connect();
      await sql.query(noticeLostClients);
      if (stopped) return;
      waiting = true;
      await Promise.race([sql.query('select pg_advisory_lock($1)', [LOCK]), lost]);
      waiting = false;
      logger.info('outbox relay active');
      while (!stopped) {
        nudged = false;
        if (!(await publishNext(sql))) await Promise.race([rest(pause()), lost]);
      }
    } finally {
      waiting = false;
      held.clear();
      // Another replica looks now: what this one saw last says nothing any more.
      lag.set(0);
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
      // While the broker is away the poll and the back-off decide, however much is written.
      if (held.size > 0) return;
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

const AGE = `extract(epoch from now() - created_at)::float8`;

async function oldest(sql: pg.Client): Promise<number> {
  const { rows } = await sql.query<{ age: number }>(
    `select ${AGE} as age from state where key like 'outbox-%' order by row_id limit 1`,
  );
  return rows[0]?.age ?? 0;
}

/**
 * Has the server end a session whose client is gone soon, also one that waits for the lock (PostgreSQL 14 or later): the
 * session holds the lock, or would get it. A setting that the server does not know is left out.
 */
const noticeLostClients = `
  select set_config(s.name, wanted.value, false)
  from (values ('tcp_keepalives_idle', '10'), ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3'),
    ('client_connection_check_interval', '1000')) wanted (name, value)
  join pg_settings s on s.name = wanted.name`;
