import type { CloudEvent } from '../subscriptions/event.ts';
import { createHub, type Hub } from '../subscriptions/hub.ts';
import type { Delivery } from '../subscriptions/log.ts';
import { createEventStream } from '../subscriptions/stream.ts';
import { testContext } from './context.ts';

export const TOPICS = ['a', 'b'];
export const PARTITIONS = 2;
/** Of one who waits as long as it takes. */
export const signal = new AbortController().signal;

type Record = Delivery & { isMarker: boolean };

/** A broker's partitions, from which hubs are fed record by record. */
export function createBroker() {
  const partitions = new Map<string, Record[]>();
  let made = 0;
  const append = (topic: string, partition: number, owner: string, isMarker = false): Record => {
    const key = `${topic} ${partition}`;
    const records = partitions.get(key) ?? [];
    partitions.set(key, records);
    const event: CloudEvent = { specversion: '1.0', id: `e${made++}`, source: '/s', type: 't', data: { owner } };
    const record = { topic, partition, offset: records.length, timestamp: made, event, isMarker };
    records.push(record);
    return record;
  };
  return {
    partitions,
    append,
    recordsOf: (topic: string, partition: number) => partitions.get(`${topic} ${partition}`) ?? [],
  };
}
type Broker = ReturnType<typeof createBroker>;

/** A hub that starts with a marker of its own in each partition, as a replica does. */
export function createReplica(broker: Broker, settings: { [key: string]: string } = {}) {
  const hub = createHub(testContext({ RESUME_WAIT_MS: '50', TOPIC_PARTITIONS: String(PARTITIONS), ...settings }));
  const positions = new Map<string, number>();
  const advance = (topic: string, partition: number): boolean => {
    const at = positions.get(`${topic} ${partition}`) as number;
    const record = broker.recordsOf(topic, partition)[at];
    if (!record) return false;
    positions.set(`${topic} ${partition}`, at + 1);
    hub.take(record, record.isMarker);
    return true;
  };
  for (const topic of TOPICS)
    for (let partition = 0; partition < PARTITIONS; partition++) {
      positions.set(`${topic} ${partition}`, broker.append(topic, partition, 'nobody', true).offset);
      advance(topic, partition);
    }
  const again = (topic: string, partition: number, back: number): void => {
    const record = broker.recordsOf(topic, partition)[(positions.get(`${topic} ${partition}`) as number) - 1 - back];
    if (record) hub.take(record, record.isMarker);
  };
  const advanceAll = (): void => {
    for (const topic of TOPICS) for (let p = 0; p < PARTITIONS; p++) while (advance(topic, p));
  };
  return { hub, advance, again, advanceAll };
}

/** A subscriber of one owner's events, who takes whatever comes, and may have `limit` waiting. */
export async function connect(hub: Hub, owner: string, cursor?: string, limit = 1000) {
  const from = cursor === undefined ? undefined : await hub.locate(TOPICS, cursor, signal);
  const got: Delivery['event'][] = [];
  let ended: unknown;
  const events = createEventStream<CloudEvent>({
    limit,
    resultOf: async (event) => ({ data: { event } }),
    overflow: () => ({ data: { ended: 'overflow' } }),
    onEnd: () => subscription.close(),
  });
  const subscription = hub.subscribe(
    {
      topics: TOPICS,
      interest: () => ({ topics: TOPICS, index: undefined, key: undefined }),
      accepts: (event) => (event.data as { owner: string }).owner === owner,
      deliver: events.push,
      end: (reason) => events.endWith(() => ({ data: { ended: reason } })),
    },
    from,
  );
  events.begin(subscription);
  let last: string | undefined = events.stream.cursor();
  void (async () => {
    for await (const { data, extensions } of events.stream) {
      if (data?.['ended']) ended = data['ended'];
      else {
        got.push(data?.['event'] as CloudEvent);
        last = extensions?.['cursor'] as string;
      }
    }
  })();
  return {
    got,
    ended: () => ended,
    /** The cursor of the last result. */
    last: () => last as string,
    /** What a heartbeat would tell. */
    heartbeat: () => events.stream.cursor() as string,
    close: () => events.stream.return(),
  };
}

/** Lets everything that is under way come to rest. */
export const ticks = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
};
