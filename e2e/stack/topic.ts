import { randomUUID } from 'node:crypto';
import { Consumer, MessagesStreamModes, stringDeserializers } from '@platformatic/kafka';
import { ready } from './ready.ts';

/**
 * Reads a topic from its beginning until `count` messages hold the condition.
 * @returns those messages, as the JSON that they are
 * @throws where they are not there within `timeoutMs`
 */
export async function readTopic(
  topic: string,
  condition: (event: any) => boolean,
  count: number,
  timeoutMs = 60_000,
): Promise<any[]> {
  const consumer = new Consumer({
    groupId: `e2e-${randomUUID()}`,
    clientId: 'e2e',
    bootstrapBrokers: ready().kafkaBrokers,
    deserializers: stringDeserializers,
  });
  const stream = await consumer.consume({ topics: [topic], mode: MessagesStreamModes.EARLIEST, autocommit: false });
  const found: any[] = [];
  const timeout = setTimeout(
    () => stream.destroy(new Error(`${found.length} of ${count} messages on ${topic} within ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    for await (const message of stream) {
      const event = JSON.parse(message.value ?? 'null') as unknown;
      if (condition(event)) found.push(event);
      if (found.length === count) break;
    }
    return found;
  } finally {
    clearTimeout(timeout);
    await consumer.close(true);
  }
}

/** The next offset of each partition, by topic. */
export type Positions = Map<string, bigint[]>;

/**
 * Reads topics from positions up to where they end now. Where nothing is to be read from, nothing is read.
 * @param onEvent hears of every message, as the JSON that it is (`{}` where it is none) and as text
 * @returns where they end
 */
export async function readOn(
  topics: string[],
  from?: Positions,
  onEvent: (event: any, text: string) => void = () => undefined,
): Promise<Positions> {
  const consumer = new Consumer({
    groupId: `e2e-${randomUUID()}`,
    clientId: 'e2e',
    bootstrapBrokers: ready().kafkaBrokers,
    deserializers: stringDeserializers,
  });
  try {
    const ends = await consumer.listOffsets({ topics });
    const offsets = topics.flatMap((topic) =>
      (from?.get(topic) ?? []).map((offset, partition) => ({ topic, partition, offset })),
    );
    const open = offsets.filter(({ topic, partition, offset }) => offset < (ends.get(topic)?.[partition] ?? 0n));
    const left = new Set(open.map(({ topic, partition }) => `${topic} ${partition}`));
    if (left.size === 0) return ends;
    const mode = MessagesStreamModes.MANUAL;
    const stream = await consumer.consume({ topics, mode, offsets, autocommit: false });
    const timeout = setTimeout(() => stream.destroy(new Error(`${topics} did not come to their ends`)), 60_000);
    try {
      for await (const { topic, partition, offset, value = '' } of stream) {
        const end = ends.get(topic)?.[partition] ?? 0n;
        if (offset < end) onEvent(parsed(value), value);
        if (offset >= end - 1n) left.delete(`${topic} ${partition}`);
        if (left.size === 0) break;
      }
    } finally {
      clearTimeout(timeout);
    }
    return ends;
  } finally {
    await consumer.close(true);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}
