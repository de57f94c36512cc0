import { expect, it } from '@jest/globals';
import { createTask, ok } from './stack/graphql.ts';
import { newUser, type User } from './stack/user.ts';

type Page = {
  nodes: { id: string }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
};

const PAGE = `query ($first: Int, $after: String, $last: Int, $before: String, $orderBy: TaskOrder) {
  tasks(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy) {
    nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;
const ORDERS = ['CREATED_AT', 'UPDATED_AT', 'DUE_AT', 'PRIORITY'].flatMap((field) =>
  ['ASC', 'DESC'].map((direction) => ({ field, direction })),
);

/** The ids on all pages, from the first on or from the last; `meanwhile` runs between two pages. */
async function walk(
  user: User,
  orderBy: object,
  isBackward: boolean,
  meanwhile: () => Promise<unknown>,
): Promise<string[]> {
  const seen: string[] = [];
  for (let cursor: string | undefined; ; await meanwhile()) {
    const page = isBackward ? { last: 3, before: cursor } : { first: 3, after: cursor };
    const { tasks } = (await ok(user, PAGE, { orderBy, ...page })) as { tasks: Page };
    const ids = tasks.nodes.map(({ id }) => id);
    if (isBackward) seen.unshift(...ids);
    else seen.push(...ids);
    const { hasNextPage, hasPreviousPage, startCursor, endCursor } = tasks.pageInfo;
    if (!(isBackward ? hasPreviousPage : hasNextPage)) return seen;
    cursor = isBackward ? startCursor : endCursor;
  }
}

it('goes through all pages in every order and both directions, with no gap and nothing twice, while tasks are added', async () => {
  const user = await newUser();
  const known = await Promise.all(
    Array.from({ length: 8 }, (_, i) =>
      createTask(user, {
        title: `Task ${i}`,
        priority: ['LOW', 'URGENT'][i % 2],
        dueAt: i % 3 === 0 ? null : `2040-01-0${1 + (i % 3)}T00:00:00Z`,
      }),
    ),
  );
  const ids = known.map(({ id }) => id).sort();
  let added = 0;
  const add = () => (added++ < 12 ? createTask(user, { title: `New ${added}`, priority: 'HIGH' }) : Promise.resolve());
  const complete = async (orderBy: object, isBackward: boolean, meanwhile = add as () => Promise<unknown>) => {
    const seen = await walk(user, orderBy, isBackward, meanwhile);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.filter((id) => ids.includes(id)).sort()).toEqual(ids);
    return seen;
  };
  for (const orderBy of ORDERS) {
    added = 10;
    await complete(orderBy, false);
    const forward = await complete(orderBy, false, async () => undefined);
    expect(await complete(orderBy, true, async () => undefined)).toEqual(forward);
  }
});

it('sees a write at once', async () => {
  const user = await newUser();
  const { id } = await createTask(user, { title: 'One' });
  const list = async () => (await ok(user, `{ tasks { nodes { title status } totalCount } }`)).tasks;
  expect(await list()).toEqual({ nodes: [{ title: 'One', status: 'PENDING' }], totalCount: 1 });
  await ok(user, `mutation ($id: ID!) { startTask(id: $id) { id } }`, { id });
  expect((await list()).nodes).toEqual([{ title: 'One', status: 'IN_PROGRESS' }]);
  await ok(user, `mutation ($id: ID!) { deleteTask(id: $id) { id } }`, { id });
  expect(await list()).toEqual({ nodes: [], totalCount: 0 });
});
