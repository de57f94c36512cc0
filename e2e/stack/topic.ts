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
