import { randomUUID } from 'node:crypto';
import { Consumer, MessagesStreamModes, stringDeserializers } from '@platformatic/kafka';

/** Hears every message of a topic from now on, as the JSON that it is. @returns what ends it */
export async function followTopic(
  brokers: string[],
  topic: string,
  onMessage: (event: any) => void,
): Promise<() => Promise<void>> {
  const consumer = new Consumer({
    groupId: `follower-${randomUUID()}`,
    clientId: 'follower',
    bootstrapBrokers: brokers,
    deserializers: stringDeserializers,
    maxWaitTime: 10,
  });
  const stream = await consumer.consume({ topics: [topic], mode: MessagesStreamModes.LATEST, autocommit: false });
  stream.on('data', (message) => onMessage(JSON.parse(message.value ?? 'null')));
  return () => consumer.close(true);
}
