import { Counter, Histogram } from 'prom-client';
import type { Dapr } from './dapr.ts';
import { publishBulk, type Publication } from './publish.ts';
import { SpanKind, SpanStatusCode, traceparentOf, type Tracing } from './tracing.ts';

/** Of one request to the sidecar: it takes 4 MiB, and a single event is far smaller than this. */
const MAX_REQUEST_BYTES = 1024 * 1024;

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

/** An event in the outbox, as the relay reads it. */
export type OutboxRow = {
  key: string;
  value: Publication & { event: { traceparent?: string } };
  bytes: number;
  /** Seconds since it was committed. */
  age: number;
};

/**
 * Publishes events of one topic, those of one key in order, as many as the broker takes: their keys, and why it did not take
 * the rest.
 */
export async function publishRows(
  dapr: Dapr,
  topic: string,
  rows: OutboxRow[],
  tracing: Tracing | undefined,
): Promise<{ done: string[]; problem?: unknown }> {
  const start = performance.now();
  const done: string[] = [];
  // One request after another keeps the order; after a failure the rest waits its turn.
  for (const chunk of roundsOf(rows).flatMap(chunksOf)) {
    try {
      const failed = await publishTraced(dapr, topic, chunk, tracing);
      const taken = chunk.filter((entry) => !failed.has(entry.value.event.id));
      done.push(...taken.map((entry) => entry.key));
      published.inc({ topic }, taken.length);
      for (const entry of taken) delay.observe(entry.age + (performance.now() - start) / 1000);
      if (failed.size > 0) throw new Error(`the broker refused ${failed.size} events of ${topic}`);
    } catch (problem) {
      return { done, problem };
    }
  }
  return { done };
}

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

/**
 * Rows in rounds, one of each key at most: of a request the broker may take what comes later and not what comes before, and
 * the sidecar repeats what it did not take in any order.
 */
function roundsOf(rows: OutboxRow[]): OutboxRow[][] {
  const rounds: OutboxRow[][] = [];
  const next = new Map<string, number>();
  for (const row of rows) {
    const round = next.get(row.value.key) ?? 0;
    next.set(row.value.key, round + 1);
    (rounds[round] ??= []).push(row);
  }
  return rounds;
}

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
