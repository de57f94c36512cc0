import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { eventually } from './stack/eventually.ts';
import { follow, type Follower } from './stack/follower.ts';
import { graphql, ok } from './stack/graphql.ts';
import { ready } from './stack/ready.ts';
import { newUser, type User } from './stack/user.ts';

// What a deployment is asked before people are led to it: over its public port alone, as one user, with fewer operations
// than a user has in a minute, and it leaves nothing behind.
const CREATE = `mutation ($title: String!, $key: String!) { createTask(input: { title: $title }, idempotencyKey: $key) { id } }`;
const title = `Smoke test ${new Date().toISOString()}`;
let user: User;
let live: Follower;
const seen: string[] = [];
const problems: string[] = [];
let id: string | undefined;

beforeAll(async () => {
  user = await newUser();
});
afterAll(async () => {
  await live?.stop();
  if (id !== undefined) await ok(user, 'mutation ($id: ID!) { deleteTask(id: $id) { id } }', { id });
});

it('does not serve who has no token', async () => {
  const { status, errors } = await graphql(undefined, '{ me { id } }');
  expect([status, errors?.[0]?.extensions['code']]).toEqual([401, 'UNAUTHENTICATED']);
});

it('a change comes back over a live subscription, once, through the broker', async () => {
  const opened = Promise.withResolvers<void>();
  live = follow({
    transport: 'sse',
    url: () => ready().urls.graphql,
    token: () => user.token,
    query: 'subscription { taskChanged { type task { id } } }',
    onOpen: opened.resolve,
    onResult: ({ data: { taskChanged } }) => seen.push(`${taskChanged.type} ${taskChanged.task?.id}`),
    onFailure: ({ message }) => problems.push(message),
  });
  await opened.promise;
  const variables = { title, key: `smoke-${Date.now()}` };
  ({ id } = (await ok(user, CREATE, variables)).createTask);
  // The same again changes nothing.
  expect((await ok(user, CREATE, variables)).createTask.id).toBe(id);
  await eventually(async () => expect([...seen, ...problems]).toContain(`com.todo.task.created.v1 ${id}`));
  expect(seen.filter((one) => one.endsWith(`${id}`))).toHaveLength(1);
  expect(live.cursor()).toEqual(expect.any(String));
});

it('one query crosses all subgraphs', async () => {
  const query = `query ($id: ID!) { task(id: $id) { title reminders { at } notifications(first: 1) { kind } } me { activity(days: 1) { day } } }`;
  const { task, me } = await ok(user, query, { id });
  expect(task).toEqual({ title, reminders: [], notifications: expect.any(Array) });
  expect(me.activity).toHaveLength(1);
});
