import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { signIn } from '@todo/dev/identity/client';
import { eventually } from './stack/eventually.ts';
import { createTask, graphql, ok } from './stack/graphql.ts';
import { publish } from './stack/publish.ts';
import { ready } from './stack/ready.ts';
import { readTopic } from './stack/topic.ts';
import { newUser, type User } from './stack/user.ts';

const list = `query ($status: DeadLetterStatus!) { deadLetters(first: 100, topic: "task.deleted", status: $status) {
  nodes { id eventId consumer reason attempts payload replayable status } } }`;

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
    data: {},
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
  expect(JSON.parse(first.payload)).toMatchObject({ id, subject: key, type: event.type });

  for (const [query, variables] of [
    [list, { status: 'OPEN' }],
    [`mutation ($id: ID!) { replayDeadLetter(id: $id) { status } }`, { id: first.id }],
    [`mutation ($id: ID!) { discardDeadLetter(id: $id) { status } }`, { id: first.id }],
  ] as const) {
    const { errors } = await graphql(user, query, variables);
    expect(errors?.[0]?.extensions['code']).toBe('FORBIDDEN');
  }

  await ok(admin, `mutation ($id: ID!) { replayDeadLetter(id: $id) { status } }`, { id: first.id });
  // In vain: all give it up again, and count.
  await eventually(async () => expect((await letters('OPEN')).map(({ attempts }: any) => attempts)).toEqual([2, 2, 2]));
  const published = await readTopic('task.deleted', (one) => one.id === id, 2);
  expect(published.map(({ subject }) => subject)).toEqual([key, key]);

  for (const letter of given)
    await ok(admin, `mutation ($id: ID!) { discardDeadLetter(id: $id) { status } }`, { id: letter.id });
  expect(await letters('OPEN')).toEqual([]);
  expect(await letters('DISCARDED')).toHaveLength(3);
});
