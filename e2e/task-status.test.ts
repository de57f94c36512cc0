import { expect, it } from '@jest/globals';
import { createTask, graphql, ok } from './stack/graphql.ts';
import { newUser } from './stack/user.ts';

const mutationTo = {
  PENDING: 'reopenTask',
  IN_PROGRESS: 'startTask',
  COMPLETED: 'completeTask',
  CANCELLED: 'cancelTask',
} as const;
type Status = keyof typeof mutationTo;

const change = (status: Status): string =>
  `mutation ($id: ID!) { changed: ${mutationTo[status]}(id: $id) { status completedAt version } }`;

/** A new task that has this status. */
async function taskThatIs(status: Status) {
  const user = await newUser();
  const { id } = await createTask(user, { title: 'x' });
  const { changed } = await ok(user, change(status), { id });
  return { user, id, version: changed.version as number };
}

it.each<[Status, Status]>([
  ['PENDING', 'IN_PROGRESS'],
  ['PENDING', 'COMPLETED'],
  ['PENDING', 'CANCELLED'],
  ['IN_PROGRESS', 'PENDING'],
  ['IN_PROGRESS', 'COMPLETED'],
  ['IN_PROGRESS', 'CANCELLED'],
  ['COMPLETED', 'PENDING'],
  ['CANCELLED', 'PENDING'],
])('%s may become %s', async (from, to) => {
  const { user, id, version } = await taskThatIs(from);
  const { changed } = await ok(user, change(to), { id });
  expect(changed).toMatchObject({ status: to, version: version + 1 });
  expect(changed.completedAt !== null).toBe(to === 'COMPLETED');
});

it.each<[Status, Status]>([
  ['COMPLETED', 'IN_PROGRESS'],
  ['COMPLETED', 'CANCELLED'],
  ['CANCELLED', 'IN_PROGRESS'],
  ['CANCELLED', 'COMPLETED'],
])('%s cannot become %s: one error names both', async (from, to) => {
  const { user, id } = await taskThatIs(from);
  const { errors } = await graphql(user, change(to), { id });
  expect(errors).toEqual([
    expect.objectContaining({
      message: `a task that is ${from} cannot become ${to}`,
      extensions: expect.objectContaining({
        code: 'BAD_USER_INPUT',
        fields: [expect.objectContaining({ field: 'id' })],
      }),
    }),
  ]);
});

it('what is so already changes nothing', async () => {
  const user = await newUser();
  const { id } = await createTask(user, { title: 'x', checklist: [{ text: 'Soil' }] });
  const reopen = `mutation ($id: ID!) { reopenTask(id: $id) { checklist { id } version } }`;
  const { reopenTask } = await ok(user, reopen, { id });
  expect(reopenTask.version).toBe(1);
  const check = `mutation ($id: ID!, $itemId: ID!) {
    checkItem(id: $id, itemId: $itemId) { checklist { text done } version }
  }`;
  const itemId = reopenTask.checklist[0].id;
  const checked = { checklist: [{ text: 'Soil', done: true }], version: 2 };
  expect((await ok(user, check, { id, itemId })).checkItem).toEqual(checked);
  expect((await ok(user, check, { id, itemId })).checkItem).toEqual(checked);
  const { errors } = await graphql(user, check, { id, itemId: 'nope' });
  expect(errors?.[0]?.extensions['code']).toBe('NOT_FOUND');
});

it.each([...Object.values(mutationTo), 'deleteTask'])('%s goes by the version that it expects', async (field) => {
  const user = await newUser();
  const { id } = await createTask(user, { title: 'x' });
  const query = `mutation ($id: ID!, $version: Int) { ${field}(id: $id, expectedVersion: $version) { id } }`;
  const codeOf = async (version: number) =>
    (await graphql(user, query, { id, version })).errors?.map(({ extensions }) => extensions['code']);
  expect(await codeOf(7)).toEqual(['CONFLICT']);
  expect(await codeOf(0)).toEqual(['BAD_USER_INPUT']);
  expect(await codeOf(1)).toBeUndefined();
});
