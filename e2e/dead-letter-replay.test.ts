import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { Producer } from '@platformatic/kafka';
import { signIn } from '@todo/dev/identity/client';
import { eventually } from './stack/eventually.ts';
import { createTask, graphql, ok } from './stack/graphql.ts';
import { publish } from './stack/publish.ts';
import { ready } from './stack/ready.ts';
import { readTopic } from './stack/topic.ts';
import { newUser, type User } from './stack/user.ts';

const list = `query ($status: DeadLetterStatus!) { deadLetters(first: 100, topic: "task.deleted", status: $status) {
  nodes { id eventId consumer reason attempts payload payloadTruncated replayable status } } }`;

const replay = `mutation ($id: ID!) { replayDeadLetter(id: $id) { status } }`;
const discard = `mutation ($id: ID!) { discardDeadLetter(id: $id) { status } }`;
const one = `query ($id: ID!) { deadLetter(id: $id) { eventId payload payloadTruncated } }`;

async function administrator(): Promise<User> {
  const { admin, urls } = ready();
  if (!admin) throw new Error('the stack has no administrator');
  return { id: '', ...admin, token: await signIn(urls.identity, admin) };
}

it('an administrator sees what could not be handled and why, replays it with its own id and key, or discards it', async () => {
  const [admin, user] = [await administrator(), await newUser()];
  const { id: key } = await createTask(user, { title: 'x' });
  const id = randomUUID();
  const event = {
    specversion: '1.0',
    id,
    source: 'test',
    type: 'com.todo.task.deleted.v9',
    time: new Date().toISOString(),
    subject: key,
    // Three bytes each, and more than a list shows.
    data: { text: '\u20ac'.repeat(180_000) },
  };
  await publish('task.deleted', event, key);
  const letters = async (status: string) =>
    (await ok(admin, list, { status })).deadLetters.nodes.filter(({ eventId }: any) => eventId === id);

  await eventually(async () => expect(await letters('OPEN')).toHaveLength(3));
  const given = await letters('OPEN');
  const [first] = given;
  expect(given.map(({ consumer }: any) => consumer).toSorted()).toEqual([
    'analytics-service',
    'notification-service',
    'scheduler-service',
  ]);
  expect(first).toMatchObject({ reason: `unknown type ${event.type} on task.deleted`, attempts: 1, replayable: true });
  expect(first).toMatchObject({ payloadTruncated: true, payload: expect.stringMatching(/^{.*€$/) });
  const whole = (await ok(admin, one, { id: first.id })).deadLetter;
  expect(whole).toMatchObject({ eventId: id, payloadTruncated: false });
  expect(JSON.parse(whole.payload)).toMatchObject(event);
  // As many of the largest as an operation may ask for; of one more the cost is too high.
  const several = (count: number) =>
    graphql(
      admin,
      `{ ${Array.from({ length: count }, (_, i) => `l${i}: deadLetter(id: "${first.id}") { payload }`).join(' ')} }`,
    );
  const { data, errors } = await several(5);
  expect(errors).toBeUndefined();
  expect(Object.values(data)).toEqual(Array.from({ length: 5 }, () => ({ payload: whole.payload })));
  expect((await several(6)).errors?.[0]?.extensions).toMatchObject({ code: 'COST_LIMIT_EXCEEDED' });

  for (const [query, variables] of [
    [list, { status: 'OPEN' }],
    [one, { id: first.id }],
    [replay, { id: first.id }],
    [discard, { id: first.id }],
  ] as const) {
    const { errors } = await graphql(user, query, variables);
    expect(errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
  }

  await ok(admin, replay, { id: first.id });
  // In vain: all give it up again, and count.
  await eventually(async () => expect((await letters('OPEN')).map(({ attempts }: any) => attempts)).toEqual([2, 2, 2]));
  const published = await readTopic('task.deleted', (one) => one.id === id, 2);
  expect(published.map(({ subject }) => subject)).toEqual([key, key]);

  for (const letter of given) await ok(admin, discard, { id: letter.id });
  expect(await letters('OPEN')).toEqual([]);
  expect(await letters('DISCARDED')).toHaveLength(3);
});

it('what no sidecar can read is kept as well, whatever its bytes, and holds back nothing', async () => {
  const [admin, user] = [await administrator(), await newUser()];
  const { id: key } = await createTask(user, { title: 'x' });
  const producer = new Producer({ clientId: 'e2e', bootstrapBrokers: ready().kafkaBrokers });
  // As large as the broker takes, and nothing but what takes six characters each in JSON.
  const value = Buffer.alloc(900_000, 1);
  await producer.send({ messages: [{ topic: 'task.deleted', key: Buffer.from(key), value }] });
  await producer.close();
  const letters = async () =>
    (await ok(admin, list, { status: 'OPEN' })).deadLetters.nodes.filter(({ consumer }: any) => consumer === null);
  // One of each service's sidecar at least: sidecars may give it up twice.
  await eventually(async () => expect((await letters()).length).toBeGreaterThanOrEqual(3));
  const { id: eventId } = await createTask(user, { title: 'y' });
  const behind = { specversion: '1.0', id: eventId, source: 'test', type: 'none', subject: key };
  await publish('task.deleted', behind, key);
  const open = async () => (await ok(admin, list, { status: 'OPEN' })).deadLetters.nodes;
  await eventually(async () => expect((await open()).filter((one: any) => one.eventId === eventId)).toHaveLength(3));

  const [letter] = await letters();
  expect(letter).toMatchObject({ reason: expect.stringMatching(/sidecar/), replayable: false, payloadTruncated: true });
  expect((await ok(admin, one, { id: letter.id })).deadLetter.payload).toHaveLength(1_000_000);
  const discarded = await ok(admin, discard, { id: letter.id });
  expect(discarded).toEqual({ discardDeadLetter: { status: 'DISCARDED' } });
});
