import { randomUUID } from 'node:crypto';
import { MARKER_TYPE } from '@todo/service/marker';
import type { Stop } from '@todo/service/shutdown';
import { request } from 'undici';
import type { GatewayContext } from '../context.ts';
import type { CloudEvent } from './event.ts';
import { replicaComponent } from './resources.ts';

const PUBLISH_INTERVAL_MS = 500;
const PUBLISH_TIMEOUT_MS = 5000;
const WARN_AFTER_ATTEMPTS = 60;

/**
 * Tells whether this replica receives. It publishes a marker to every partition of each topic that it needs, again and
 * again until its own came back from all of them: a subscription that a sidecar accepted receives nothing yet.
 */
export type Markers = {
  /** Wants these topics from now on as well. */
  need: (topics: { pubsub: string; topic: string }[]) => void;
  /** Takes an event that is a marker, of whichever replica: markers are for no subscriber. */
  take: (event: CloudEvent, topic: string, partition: number) => boolean;
  /** The partitions that nothing came from yet; none once it has received from all, whatever a reload adds. */
  missing: () => string[];
  stop: Stop;
};

type Partition = { pubsub: string; topic: string; partition: number };

export function startMarkers({ config, logger }: GatewayContext): Markers {
  const { DAPR_HTTP_ENDPOINT: sidecar, REPLICA_ID: replica } = config;
  const known = new Set<string>();
  const waiting = new Map<string, Partition>();
  const stopping = new AbortController();
  let attempts = 0;
  let complete = false;
  let timer: NodeJS.Timeout | undefined;
  let round: Promise<void> | undefined;

  const publish = async ({ pubsub, topic, partition }: Partition): Promise<void> => {
    const path = `/v1.0/publish/${replicaComponent(pubsub)}/${topic}?metadata.partitionNumber=${partition}`;
    const { statusCode, body } = await request(`${sidecar?.replace(/\/+$/, '')}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/cloudevents+json', 'dapr-api-token': config.DAPR_API_TOKEN },
      body: JSON.stringify({
        specversion: '1.0',
        id: randomUUID(),
        source: `/gateway/${encodeURIComponent(replica)}`,
        type: MARKER_TYPE,
        time: new Date().toISOString(),
        datacontenttype: 'application/json',
        data: { replica },
      }),
      signal: AbortSignal.any([stopping.signal, AbortSignal.timeout(PUBLISH_TIMEOUT_MS)]),
    });
    const text = await body.text();
    if (statusCode >= 300)
      throw new Error(`publishing to ${topic} was answered with ${statusCode}: ${text.slice(0, 200)}`);
  };

  const publishAll = async (): Promise<void> => {
    const results = await Promise.allSettled([...waiting.values()].map(publish));
    const failure = results.find((result) => result.status === 'rejected');
    const level = ++attempts % WARN_AFTER_ATTEMPTS === 0 ? 'warn' : 'debug';
    if (stopping.signal.aborted || waiting.size === 0) return;
    logger[level]({ missing: [...waiting.keys()], err: failure?.reason }, 'waiting for own markers');
    timer = setTimeout(run, PUBLISH_INTERVAL_MS);
  };
  /** One round at a time; `need` and the timer both ask for one. */
  const run = (): void => {
    clearTimeout(timer);
    round ??= publishAll().finally(() => (round = undefined));
  };
  const missing = (): string[] =>
    complete ? [] : [...waiting.values()].map(({ topic, partition }) => `${topic}[${partition}]`);

  return {
    need: (topics) => {
      if (sidecar === undefined) return;
      for (const { pubsub, topic } of topics) {
        if (known.has(topic)) continue;
        known.add(topic);
        for (let partition = 0; partition < (config.TOPIC_PARTITIONS as number); partition++)
          waiting.set(`${topic} ${partition}`, { pubsub, topic, partition });
      }
      if (waiting.size > 0) run();
    },
    take: (event, topic, partition) => {
      if (event.type !== MARKER_TYPE) return false;
      const from = (event.data as { replica?: unknown } | undefined)?.replica;
      if (from === replica && waiting.delete(`${topic} ${partition}`) && waiting.size === 0) {
        complete = true;
        logger.info({ topics: [...known] }, 'events arrive from all partitions');
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
