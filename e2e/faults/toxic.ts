import { randomUUID } from 'node:crypto';
import { Producer, stringSerializers } from '@platformatic/kafka';
import { eventually } from '../stack/eventually.ts';
import { ready } from '../stack/ready.ts';
import { type Positions, readOn } from '../stack/topic.ts';
import { PARTITIONS } from '@todo/service/topics';

const TOPIC = 'task.created';
const DEAD = `${TOPIC}.dlq`;
/** With what the broker adds to it, the largest message that it takes: 1 MiB. */
const LARGE = 1_048_000;
const LETTERS_WITHIN_MS = 60_000;

type Toxic = { name: string; id: string };
export type Published = { messages: Toxic[]; since: Positions };

const event = (id: string, more: object): string =>
  JSON.stringify({
    specversion: '1.0',
    id,
    source: 'test',
    type: 'com.todo.task.created.v1',
    time: new Date().toISOString(),
    subject: id,
    datacontenttype: 'application/json',
    ...more,
  });
const filled = (text: (filling: string) => string): string => text('x'.repeat(LARGE - text('').length));

/** What no consumer can ever handle, by what is wrong with it. */
const kinds: Record<string, (id: string) => string> = {
  'invalid JSON': (id) => `{"specversion": "1.0", "id": "${id}", `,
  'wrong schema': (id) => event(id, { data: { ownerId: 1 } }),
  'unknown version': (id) => event(id, { type: 'com.todo.task.created.v9', data: {} }),
  '1 MB of wrong schema': (id) => filled((filling) => event(id, { data: { filling } })),
  '1 MB of invalid JSON': (id) => filled((filling) => `{"id": "${id}", "filling": "${filling}`),
};

/** Puts one of each into every partition of a topic, past Dapr, which would not have it. */
export async function publishToxic(): Promise<Published> {
  const since = await readOn([DEAD]);
  const producer = new Producer({
    clientId: 'toxic',
    bootstrapBrokers: ready().kafkaBrokers,
    serializers: stringSerializers,
  });
  const messages: Toxic[] = [];
  try {
    for (const [name, make] of Object.entries(kinds))
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const id = randomUUID();
        messages.push({ name, id });
        await producer.send({ messages: [{ topic: TOPIC, partition, key: id, value: make(id) }] });
      }
  } finally {
    await producer.close();
  }
  return { messages, since };
}

/** Which of them are not among the dead letters. */
export async function wrongWithToxic({ messages, since }: Published): Promise<string[]> {
  const left = new Map(messages.map(({ id, name }) => [id, name]));
  const look = async (): Promise<void> => {
    await readOn([DEAD], since, (_, text) => {
      for (const id of left.keys()) if (text.includes(id)) left.delete(id);
    });
    if (left.size > 0) throw new Error('some are not there yet');
  };
  await eventually(look, LETTERS_WITHIN_MS).catch(() => undefined);
  const missing = [...new Set(left.values())];
  return missing.map((name) => `toxic messages: ${name} is not among the dead letters`);
}
