import { randomUUID } from 'node:crypto';
import { MARKER_TYPE } from '@todo/service/marker';
import type { Stop } from '@todo/service/shutdown';
import { request } from 'undici';
import type { GatewayContext } from '../context.ts';
import type { CloudEvent } from './event.ts';
import { replicaComponent } from './resources.ts';

/** How often a marker is published that is waited for. */
const RETRY_MS = 500;
const PUBLISH_TIMEOUT_MS = 5000;
const WARN_AFTER_ATTEMPTS = 60;
/** After how many intervals without its markers a replica says that it receives no more. */
const LATE_AFTER_INTERVALS = 3;

/**
 * Tells whether this replica receives. It publishes a marker to every partition of each topic that it needs, again and
 * again until its own came back from all of them: a subscription that a sidecar accepted receives nothing yet. From then
 * on it publishes one every MARKER_INTERVAL_SECONDS, which shows that it still receives, and how long that takes.
 */
export type Markers = {
  /** Wants these topics from now on, and no others. */
  need: (topics: { pubsub: string; topic: string }[]) => void;
  /** Takes an event that is a marker, of whichever replica: markers are for no subscriber. */
  take: (event: CloudEvent, topic: string, partition: number) => boolean;
  /**
   * The partitions that nothing came from yet; none once it has received from all, whatever a reload adds. Then those from
   * which markers no longer come back, though the broker took them.
   */
  missing: () => string[];
  stop: Stop;
};

type Partition = {
  pubsub: string;
  topic: string;
  partition: number;
  /** When the next marker is due, in milliseconds since 1970; at once until the first came back. */
  due: number;
  arrived: boolean;
  /** When the oldest marker was sent that the broker took and that is not back; and the newest that is back. */
  outSince: number | undefined;
  backUntil: number;
};

export function startMarkers({ config, logger, metrics }: GatewayContext): Markers {
  const { DAPR_HTTP_ENDPOINT: sidecar, REPLICA_ID: replica } = config;
  const intervalMs = config.MARKER_INTERVAL_SECONDS * 1000;
  // Markers of the process that had this name before may still come: they do not show that this one has caught up.
  const instance = randomUUID();
  let partitions = new Map<string, Partition>();
  const stopping = new AbortController();
  let attempts = 0;
  let complete = false;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> | undefined;

  const publish = async (to: Partition): Promise<void> => {
    const { pubsub, topic, partition } = to;
    const sent = Date.now();
    to.due = sent + intervalMs;
    const path = `/v1.0/publish/${replicaComponent(pubsub)}/${topic}?metadata.partitionNumber=${partition}`;
    const { statusCode, body } = await request(`${sidecar?.replace(/\/+$/, '')}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json', 'dapr-api-token': config.DAPR_API_TOKEN },
      body: JSON.stringify({
        specversion: '1.0',
        id: randomUUID(),
        source: `/gateway/${encodeURIComponent(replica)}`,
        type: MARKER_TYPE,
        time: new Date(sent).toISOString(),
        datacontenttype: 'application/json',
        data: { replica, instance },
      }),
      signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(PUBLISH_TIMEOUT_MS)]),
    });
    const text = await body.text();
    if (statusCode >= 300)
      throw new Error(`publishing to ${topic} was answered with ${statusCode}: ${text.slice(0, 200)}`);
    if (to.backUntil < sent) to.outSince ??= sent;
  };

  const isLate = ({ arrived, outSince }: Partition): boolean =>
    arrived && outSince !== undefined && Date.now() - outSince > LATE_AFTER_INTERVALS * intervalMs;
  const missing = (): string[] =>
    [...partitions]
      .filter(([, partition]) => (complete ? isLate(partition) : !partition.arrived))
      .map(([name]) => name);

  const publishDue = async (): Promise<void> => {
    const now = Date.now();
    const due = [...partitions.values()].filter((partition) => !partition.arrived || partition.due <= now);
    const results = await Promise.allSettled(due.map(publish));
    if (stopping.signal.aborted) return;
    const failure = results.find((result) => result.status === 'rejected');
    const waiting = [...partitions].filter(([, partition]) => !partition.arrived || isLate(partition));
    if (waiting.length > 0 || failure) {
      const isLong = ++attempts % WARN_AFTER_ATTEMPTS === 0 || waiting.some(([, partition]) => partition.arrived);
      const names = waiting.map(([name]) => name);
      logger[isLong ? 'warn' : 'debug']({ missing: names, err: failure?.reason }, 'waiting for own markers');
    }
    const next = [...partitions.values()].every(({ arrived }) => arrived) ? intervalMs : RETRY_MS;
    if (partitions.size > 0) timer = setTimeout(run, next);
  };
  /** One round at a time; `need` and the timer both ask for one. */
  const run = (): void => {
    clearTimeout(timer);
    round ??= publishDue().finally(() => (round = undefined));
  };

  return {
    need: (topics) => {
      if (sidecar === undefined) return;
      const needed = new Map<string, Partition>();
      for (const { pubsub, topic } of topics)
        for (let partition = 0; partition < (config.TOPIC_PARTITIONS as number); partition++) {
          const name = `${topic}[${partition}]`;
          const known = partitions.get(name);
          const state = { due: 0, arrived: false, outSince: undefined, backUntil: 0 };
          needed.set(name, known ?? { pubsub, topic, partition, ...state });
        }
      partitions = needed;
      if (partitions.size > 0) run();
    },
    take: (event, topic, number) => {
      if (event.type !== MARKER_TYPE) return false;
      const partition = partitions.get(`${topic}[${number}]`);
      const { instance: from } = (event.data ?? {}) as { instance?: unknown };
      if (!partition || from !== instance) return true;
      const sent = Date.parse(String(event.time));
      metrics.eventLag.observe({ kind: 'marker' }, Math.max(0, Date.now() - sent) / 1000);
      partition.backUntil = sent;
      partition.outSince = undefined;
      partition.arrived = true;
      if (!complete && missing().length === 0) {
        complete = true;
        logger.info({ partitions: [...partitions.keys()] }, 'events arrive from all partitions');
      }
      return true;
    },
    missing,
    stop: async () => {
      stopping.abort();
      clearTimeout(timer);
      await round;
    },
  };
}
