import { expect, it } from '@jest/globals';
import { createTask, graphql, ok } from './stack/graphql.ts';
import { newUser } from './stack/user.ts';

const bulk = (field: string) => `mutation ($ids: [ID!]!, $key: String) {
  ${field}(ids: $ids, idempotencyKey: $key) { id task { status version } error { code message } }
}`;
const notFound = (id: string) => ({ id, task: null, error: { code: 'NOT_FOUND', message: `there is no task ${id}` } });
const unknown = '0198c0de-0000-7000-8000-000000000000';

it('completes and deletes many, each by itself, and says what became of each', async () => {
  const user = await newUser();
  const stranger = await createTask(await newUser(), { title: "Someone else's" });
  const [one, two, cancelled] = await Promise.all(['One', 'Two', 'Three'].map((title) => createTask(user, { title })));
  await ok(user, `mutation ($id: ID!) { cancelTask(id: $id) { id } }`, { id: cancelled?.id });
  const ids = [one?.id, unknown, cancelled?.id, stranger.id, two?.id, one?.id, 'nonsense'];

  const { completeTasks } = await ok(user, bulk('completeTasks'), { ids });
  const done = { status: 'COMPLETED', version: 2 };
  const refused = { code: 'BAD_USER_INPUT', message: 'a task that is CANCELLED cannot become COMPLETED' };
  expect(completeTasks).toEqual([
    { id: one?.id, task: done, error: null },
    notFound(unknown),
    { id: cancelled?.id, task: null, error: refused },
    notFound(stranger.id),
    { id: two?.id, task: done, error: null },
    { id: one?.id, task: done, error: null },
    notFound('nonsense'),
  ]);

  const again = { ids: [two?.id, unknown, cancelled?.id], key: 'delete' };
  const { deleteTasks } = await ok(user, bulk('deleteTasks'), again);
  expect((await ok(user, bulk('deleteTasks'), again)).deleteTasks).toEqual(deleteTasks);
  expect(deleteTasks).toEqual([
    { id: two?.id, task: null, error: null },
    notFound(unknown),
    { id: cancelled?.id, task: null, error: null },
  ]);
  expect((await ok(user, `{ tasks { nodes { id } } }`)).tasks.nodes).toEqual([{ id: one?.id }]);
});

it('does a call that is repeated once, and refuses its key for another', async () => {
  const user = await newUser();
  const ids = await Promise.all(['One', 'Two'].map(async (title) => (await createTask(user, { title })).id));
  const [first, second] = await Promise.all([1, 2].map(() => ok(user, bulk('completeTasks'), { ids, key: 'once' })));
  expect(second).toEqual(first);
  await ok(user, `mutation ($id: ID!) { reopenTask(id: $id) { id } }`, { id: ids[0] });
  expect(await ok(user, bulk('completeTasks'), { ids, key: 'once' })).toEqual(first);
  const { nodes } = (await ok(user, `{ tasks(orderBy: { field: CREATED_AT }) { nodes { id status } } }`)).tasks;
  expect(nodes.find(({ id }: { id: string }) => id === ids[0]).status).toBe('PENDING');

  const { errors } = await graphql(user, bulk('completeTasks'), { ids: ids.slice(1), key: 'once' });
  expect(errors?.map(({ extensions }) => extensions['code'])).toEqual(['CONFLICT']);
});

it.each([
  ['none', []],
  ['101', Array.from({ length: 101 }, () => unknown)],
])('refuses %s', async (_, ids) => {
  const { errors } = await graphql(await newUser(), bulk('deleteTasks'), { ids });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ field: 'ids' }] });
});
