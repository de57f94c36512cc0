import { once } from 'node:events';
import pg from 'pg';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { Dapr } from './dapr.ts';
import type { DomainEvent } from './events.ts';
import type { Logger } from './logger.ts';
import { publishBulk, type Publication } from './publish.ts';
import type { Stop } from './shutdown.ts';
import type { StateOperation } from './state.ts';
import type { TopicName } from './topics.ts';
import { SpanKind, SpanStatusCode, traceparentOf, type Tracing } from './tracing.ts';

/** The state operation that puts an event into the outbox: give it to the transaction that causes the event. */
export function outboxEntry<T extends TopicName>(topic: T, event: DomainEvent<T>): StateOperation {
  const publication: Publication = { topic, key: event.subject, event };
  return { op: 'create', key: `outbox-${event.id}`, value: publication };
}

/** For a migration of the database that the state store is in: the relay reads by this index. */
export const outboxIndexSql = `create index if not exists state_outbox on state (row_id) where key like 'outbox-%'`;

const BATCH = 100;
/** Of one request to the sidecar: it takes 4 MiB, and a single event is far smaller than this. */
const MAX_REQUEST_BYTES = 1024 * 1024;
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
  let failures = 0;

  const rest = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      if (stopped || nudged) return resolve();
      const timer = setTimeout(resolve, ms);
      wake = () => (clearTimeout(timer), resolve());
    });

  async function publishNext(sql: pg.Client): Promise<number> {
    const { rows } = await sql.query<OutboxRow>(
      `select key, convert_from(value, 'UTF8')::jsonb as value, length(value) as bytes,
         extract(epoch from now() - created_at)::float8 as age
       from state where key like 'outbox-%' order by row_id limit $1`,
      [BATCH],
    );
    lag.set(rows[0]?.age ?? 0);
    if (rows.length === 0) return 0;
    const start = performance.now();
    const byTopic = [...Map.groupBy(rows, (row) => row.value.topic)];
    const done: string[] = [];
    const problems: unknown[] = [];
    await Promise.all(
      byTopic.map(async ([topic, entries]) => {
        // One request after another keeps the order within the topic; after a failure the rest waits its turn.
        for (const chunk of chunksOf(entries)) {
          try {
            const failed = await publishTraced(dapr, topic, chunk, tracing);
            const taken = chunk.filter((entry) => !failed.has(entry.value.event.id));
            done.push(...taken.map((entry) => entry.key));
            published.inc({ topic }, taken.length);
            for (const entry of taken) delay.observe(entry.age + (performance.now() - start) / 1000);
            if (failed.size > 0) throw new Error(`the broker refused ${failed.size} events of ${topic}`);
          } catch (error) {
            problems.push(error);
            return;
          }
        }
      }),
    );
    if (done.length > 0) await sql.query(`delete from state where key = any($1)`, [done]);
    if (problems.length > 0) throw new BrokerTrouble(problems);
    return rows.length;
  }

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
      failures = 0;
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
      // While the broker is away the back-off decides, however much is written.
      if (failures > 0) return;
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

/**
 * Has the server end a session whose client is gone soon, also one that waits for the lock (PostgreSQL 14 or later): the
 * session holds the lock, or would get it. A setting that the server does not know is left out.
 */
const noticeLostClients = `
  select set_config(s.name, wanted.value, false)
  from (values ('tcp_keepalives_idle', '10'), ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3'),
    ('client_connection_check_interval', '1000')) wanted (name, value)
  join pg_settings s on s.name = wanted.name`;

/** Publishes events, each as a span of what caused it, above what becomes of it. */
async function publishTraced(
  dapr: Dapr,
  topic: string,
  rows: OutboxRow[],
  tracing: Tracing | undefined,
): Promise<Set<string>> {
  if (!tracing)
    return publishBulk(
      dapr,
      topic,
      rows.map(({ value }) => value),
    );
  const traced = rows.map(({ value: { event, ...publication }, age }) => {
    const span = tracing.start(`publish ${topic}`, event.traceparent, {
      kind: SpanKind.PRODUCER,
      attributes: { 'cloudevents.event_id': event.id, 'outbox.wait_seconds': age },
    });
    const traceparent = traceparentOf(span);
    // Dapr puts a trace of its own in the place of a missing `traceid`.
    return { span, publication: { ...publication, event: { ...event, traceparent, traceid: traceparent } } };
  });
  let failed: Set<string> | undefined;
  try {
    failed = await publishBulk(
      dapr,
      topic,
      traced.map(({ publication }) => publication),
    );
    return failed;
  } finally {
    for (const { span, publication } of traced) {
      if (!failed || failed.has(publication.event.id)) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    }
  }
}

type OutboxRow = {
  key: string;
  value: Publication & { event: { traceparent?: string } };
  bytes: number;
  /** Seconds since it was committed. */
  age: number;
};

/** Rows in order, in runs that fit into one request. */
function chunksOf(rows: OutboxRow[]): OutboxRow[][] {
  const chunks: OutboxRow[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    bytes += row.bytes;
    if (bytes > MAX_REQUEST_BYTES) {
      chunks.push([]);
      bytes = row.bytes;
    }
    chunks.at(-1)?.push(row);
  }
  return chunks;
}

/** Some events stay in the outbox for now: the broker, or the way to it, did not take them. */
class BrokerTrouble extends AggregateError {}
