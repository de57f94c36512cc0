import { beforeAll, describe, expect, it } from '@jest/globals';
import { createTask, graphql, ok } from './stack/graphql.ts';
import { newUser, type User } from './stack/user.ts';

const LIST = `query ($filter: TaskFilter, $orderBy: TaskOrder) {
  tasks(filter: $filter, orderBy: $orderBy) { nodes { title } totalCount }
  me { tasks(filter: $filter, orderBy: $orderBy) { edges { cursor node { title } } totalCount } }
}`;

let user: User;

/** Titles of a list, which is the same at both of its places. */
async function titles(filter: object, orderBy: object = { field: 'CREATED_AT' }): Promise<string> {
  const { tasks, me } = await ok(user, LIST, { filter, orderBy });
  expect(me.tasks.edges.map(({ node }: { node: object }) => node)).toEqual(tasks.nodes);
  expect([tasks.totalCount, me.tasks.totalCount]).toEqual([tasks.nodes.length, tasks.nodes.length]);
  return tasks.nodes.map(({ title }: { title: string }) => title).join(', ');
}

beforeAll(async () => {
  user = await newUser();
  const add = (title: string, rest: object = {}) => createTask(user, { title, ...rest });
  const { id: milk } = await add('Buy milk 🥛', { tags: ['Shop', 'home'], dueAt: '2020-01-01T00:00:00Z' });
  const { id: plants } = await add('Water the plants', {
    priority: 'HIGH',
    tags: ['home'],
    dueAt: '2040-01-02T09:00:00+01:00',
  });
  await add('לקנות חלב', { priority: 'LOW', description: "Don't forget; 100% sure", dueAt: '2040-01-01T00:00:00Z' });
  await add('Pack', {
    priority: 'URGENT',
    checklist: [{ text: 'Watch' }, { text: 'Übersicht' }],
    tags: ['home', 'trip'],
  });
  await ok(user, `mutation ($id: ID!) { startTask(id: $id) { id } }`, { id: plants });
  const old = await add('Old', { dueAt: '2020-01-01T00:00:00Z' });
  await ok(user, `mutation ($ids: [ID!]!) { completeTasks(ids: $ids) { error { code } } }`, { ids: [old.id] });
  await ok(user, `mutation ($id: ID!) { updateTask(id: $id, input: { description: "Two bottles" }) { id } }`, {
    id: milk,
  });
});

describe('filters', () => {
  it.each([
    [{}, 'Buy milk 🥛, Water the plants, לקנות חלב, Pack, Old'],
    [{ status: ['PENDING'] }, 'Buy milk 🥛, לקנות חלב, Pack'],
    [{ status: ['IN_PROGRESS', 'COMPLETED'] }, 'Water the plants, Old'],
    [{ priority: ['HIGH', 'URGENT'] }, 'Water the plants, Pack'],
    [{ tags: ['HOME'] }, 'Buy milk 🥛, Water the plants, Pack'],
    [{ tags: ['home', 'shop'] }, 'Buy milk 🥛'],
    [{ dueFrom: '2040-01-01T00:00:00Z' }, 'Water the plants, לקנות חלב'],
    [{ dueFrom: '2040-01-01T01:00:00+01:00', dueBefore: '2040-01-02T08:00:00Z' }, 'לקנות חלב'],
    [{ overdue: true }, 'Buy milk 🥛'],
    [{ overdue: false }, 'Water the plants, לקנות חלב, Pack, Old'],
    [{ search: 'wat' }, 'Water the plants, Pack'],
    [{ search: 'WATER plant' }, 'Water the plants'],
    [{ search: '🥛' }, 'Buy milk 🥛'],
    [{ search: 'חל' }, 'לקנות חלב'],
    [{ search: "don't 100%" }, 'לקנות חלב'],
    [{ search: 'über' }, 'Pack'],
    [{ search: 'shop' }, 'Buy milk 🥛'],
    [{ search: 'bottle', status: ['PENDING'], tags: ['shop'] }, 'Buy milk 🥛'],
    [{ search: "') | !('" }, ''],
    [{ search: 'ater' }, ''],
  ])('%j', async (filter, expected) => {
    expect(await titles(filter)).toBe(expected);
  });
});

describe('orders', () => {
  it.each([
    [{ field: 'CREATED_AT', direction: 'DESC' }, 'Old, Pack, לקנות חלב, Water the plants, Buy milk 🥛'],
    [{ field: 'UPDATED_AT', direction: 'DESC' }, 'Buy milk 🥛, Old, Water the plants, Pack, לקנות חלב'],
    [{ field: 'DUE_AT' }, 'Buy milk 🥛, Old, לקנות חלב, Water the plants, Pack'],
    [{ field: 'DUE_AT', direction: 'DESC' }, 'Water the plants, לקנות חלב, Old, Buy milk 🥛, Pack'],
    [{ field: 'PRIORITY', direction: 'DESC' }, 'Pack, Water the plants, Old, Buy milk 🥛, לקנות חלב'],
  ])('%j', async (orderBy, expected) => {
    expect(await titles({}, orderBy)).toBe(expected);
  });
});

it("nobody finds another's tasks, whatever is asked for", async () => {
  const { tasks, me } = await ok(await newUser(), LIST, { filter: { search: 'water', tags: ['home'] } });
  expect([tasks, me.tasks]).toEqual([
    { nodes: [], totalCount: 0 },
    { edges: [], totalCount: 0 },
  ]);
});

const PAGE = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: TaskFilter, $orderBy: TaskOrder) {
  tasks(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
    pageInfo { endCursor }
  }
}`;

it.each([
  [{ first: 101 }, 'first'],
  [{ first: 0 }, 'first'],
  [{ last: 101 }, 'last'],
  [{ first: 1, last: 1 }, 'last'],
  [{ first: 1, before: 'x' }, 'before'],
  [{ after: 'nonsense' }, 'after'],
  [{ filter: { search: '' } }, 'filter.search'],
  [{ filter: { search: 'x'.repeat(201) } }, 'filter.search'],
  [{ filter: { search: 'a\u0000' } }, 'filter.search'],
  [{ filter: { status: [] } }, 'filter.status'],
  [{ filter: { tags: Array.from({ length: 21 }, (_, i) => `${i}`) } }, 'filter.tags'],
  [{ filter: { dueFrom: '2030-01-02T00:00:00Z', dueBefore: '2030-01-01T00:00:00Z' } }, 'filter.dueBefore'],
])('refuses %j with one error that names the argument', async (variables, field) => {
  const { errors } = await graphql(user, PAGE, variables);
  expect(errors).toEqual([
    expect.objectContaining({
      message: expect.stringContaining(field),
      extensions: expect.objectContaining({ code: 'BAD_USER_INPUT', fields: [expect.objectContaining({ field })] }),
    }),
  ]);
});

it('refuses a cursor of another order', async () => {
  const { tasks } = await ok(user, PAGE, { first: 1 });
  const variables = { after: tasks.pageInfo.endCursor, orderBy: { field: 'DUE_AT' } };
  const { errors } = await graphql(user, PAGE, variables);
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', fields: [{ field: 'after' }] });
});
