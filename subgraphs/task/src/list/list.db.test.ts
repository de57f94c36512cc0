import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TaskFilter, TaskOrder } from '../generated/resolvers.ts';
import { statuses } from '../status.ts';
import type { TaskDocument } from '../task.ts';
import { startTaskDatabase, type TestDatabase } from '../testing/database.ts';
import { listTasks } from './list.ts';

const DAY = 86_400_000;
const start = Date.now();
const at = (days: number): string => new Date(start + days * DAY).toISOString();
const priorities = ['LOW', 'NORMAL', 'HIGH', 'URGENT'] as const;
const words = ['water', 'plants', 'call', 'Watson', 'planet', 'buy'];
const tags = ['home', 'work', 'garden'];

/** Many that are alike in what they are ordered by, so that the id decides. */
const tasks = Array.from({ length: 240 }, (_, i): TaskDocument => {
  const status = statuses[(i * 7) % 4] as TaskDocument['status'];
  return {
    id: `0198c0de-0000-7000-8000-${((i * 7919) % 240).toString(16).padStart(12, '0')}`,
    ownerId: i % 6 === 0 ? 'bob' : 'alice',
    title: `${words[i % 6]} the ${words[(i * 5 + 1) % 6]}`,
    description: null,
    status,
    priority: priorities[(i * 3) % 4] as TaskDocument['priority'],
    tags: tags.filter((_tag, bit) => (i >> bit) % 2 === 1),
    dueAt: i % 3 === 0 ? null : at((i % 11) - 5.5),
    dueTimeZone: i % 3 === 0 ? null : 'Europe/Berlin',
    checklist: i % 9 === 0 ? [{ id: 'a', text: 'Pots', done: true }] : [],
    createdAt: at(-(i % 60)),
    updatedAt: at(-(i % 13)),
    completedAt: status === 'COMPLETED' ? at(0) : null,
    version: i + 1,
  };
});

const keys: Record<TaskOrder['field'], (task: TaskDocument) => string | number> = {
  CREATED_AT: (task) => task.createdAt,
  UPDATED_AT: (task) => task.updatedAt,
  DUE_AT: (task) => task.dueAt ?? '',
  PRIORITY: (task) => priorities.indexOf(task.priority),
};

const isOverdue = ({ status, dueAt }: TaskDocument): boolean =>
  (status === 'PENDING' || status === 'IN_PROGRESS') && dueAt !== null && dueAt < at(0);

const hasWord = ({ title, tags: own, checklist }: TaskDocument, beginning: string): boolean =>
  [title, ...own, ...checklist.map(({ text }) => text)]
    .flatMap((text) => text.toLowerCase().split(' '))
    .some((word) => word.startsWith(beginning.toLowerCase()));

/** What the list must be, worked out one by one. */
function expected(filter: TaskFilter, { field, direction }: TaskOrder): TaskDocument[] {
  const sign = direction === 'DESC' ? -1 : 1;
  const compare = (a: string | number, b: string | number): number => (a < b ? -sign : a > b ? sign : 0);
  return tasks
    .filter((task) => task.ownerId === 'alice')
    .filter((task) => filter.status?.includes(task.status) ?? true)
    .filter((task) => filter.priority?.includes(task.priority) ?? true)
    .filter((task) => filter.tags?.every((tag) => task.tags.includes(tag)) ?? true)
    .filter((task) => !filter.dueFrom || (task.dueAt !== null && task.dueAt >= filter.dueFrom))
    .filter((task) => !filter.dueBefore || (task.dueAt !== null && task.dueAt < filter.dueBefore))
    .filter((task) => filter.overdue == null || isOverdue(task) === filter.overdue)
    .filter((task) => filter.search?.split(' ').every((word) => hasWord(task, word)) ?? true)
    .sort((a, b) => {
      if (field === 'DUE_AT' && (a.dueAt === null) !== (b.dueAt === null)) return a.dueAt === null ? 1 : -1;
      return compare(keys[field](a), keys[field](b)) || compare(a.id, b.id);
    });
}

let database: TestDatabase;

/** All pages one after another, from the beginning or from the end. */
async function allPages(args: { filter: TaskFilter; orderBy: TaskOrder }, isBackward: boolean) {
  const nodes: TaskDocument[] = [];
  for (let cursor: string | null = null; ;) {
    const page = isBackward ? { last: 37, before: cursor } : { first: 37, after: cursor };
    const list = await listTasks('alice', { ...args, ...page }, database);
    if (isBackward) nodes.unshift(...list.nodes);
    else nodes.push(...list.nodes);
    const { hasNextPage, hasPreviousPage, startCursor, endCursor } = list.pageInfo;
    expect(isBackward ? hasNextPage : hasPreviousPage).toBe(cursor !== null);
    if (!(isBackward ? hasPreviousPage : hasNextPage)) return { nodes, total: await list.countAll() };
    cursor = isBackward ? startCursor : endCursor;
  }
}

beforeAll(async () => {
  database = await startTaskDatabase();
  await database.put(...tasks);
});
afterAll(() => database.stop());

const filters: TaskFilter[] = [
  {},
  { status: ['PENDING'] },
  { status: ['IN_PROGRESS', 'CANCELLED', 'CANCELLED'] },
  { priority: ['URGENT', 'LOW'] },
  { tags: ['Garden '] },
  { tags: ['work'], status: ['PENDING', 'COMPLETED'] },
  { tags: ['home', 'work'] },
  { dueFrom: at(-2) },
  { dueBefore: at(2) },
  { dueFrom: at(-2), dueBefore: at(2), priority: ['HIGH'] },
  { overdue: true },
  { overdue: false },
  { overdue: false, status: ['PENDING', 'IN_PROGRESS'] },
  { overdue: true, status: ['COMPLETED'] },
  { search: 'wat' },
  { search: 'PLAN wat', tags: ['home'] },
  { search: 'pots', status: ['COMPLETED'] },
  { search: 'gard' },
];
const orders = (['CREATED_AT', 'UPDATED_AT', 'DUE_AT', 'PRIORITY'] as const).flatMap((field) =>
  (['ASC', 'DESC'] as const).map((direction): TaskOrder => ({ field, direction })),
);

describe.each(orders)('by %j', (orderBy) => {
  it.each(filters)('has all of %j, each once, in both directions', async (filter) => {
    const wanted = expected({ ...filter, tags: filter.tags?.map((tag) => tag.trim().toLowerCase()) }, orderBy);
    for (const isBackward of [false, true])
      expect(await allPages({ filter, orderBy }, isBackward)).toEqual({ nodes: wanted, total: wanted.length });
  });
});

const carols = { ...(tasks[1] as TaskDocument), ownerId: "carol's" };
const find = async (search: string): Promise<TaskDocument[]> =>
  (await listTasks("carol's", { filter: { search }, orderBy: { field: 'CREATED_AT', direction: 'ASC' } }, database))
    .nodes;
/** Distinct words, `length` characters of them. */
const textOf = (prefix: string, length: number): string =>
  Array.from({ length }, (_, i) => `${prefix}${i.toString(36)} `)
    .join('')
    .slice(0, length);
const tagsOf = (count: number): string[] => Array.from({ length: count }, (_, i) => `t${i}`);

describe('search', () => {
  beforeAll(() =>
    database.put({
      ...carols,
      id: '0198c0de-0000-7000-8000-00000000c401',
      title: "Don't water the 🪴plants, שלום! 日本語",
      description: 'Café ＦＵＬＬ a_b x2 می‌خواهم',
      tags: ["o'x\\y", 'r&d'],
      checklist: [{ id: 'a', text: '👩‍🌾 Ёлка', done: false }],
    }),
  );

  it.each(
    [
      "don't",
      'WAT',
      '🪴',
      'plan',
      'שלו',
      '\u200fשלום',
      '日語',
      'cafe\u0301',
      'full',
      'b',
      'x2',
      'می‌خوا',
      '👩🌾',
      'ёл',
      'r&d',
      'y o',
    ].map((text) => [text]),
  )('finds %s', async (text) => {
    expect(await find(text)).toHaveLength(1);
  });

  it.each(
    [
      'ater',
      'nothing',
      '!',
      "'",
      '\\',
      "water' | 'nope",
      '!nothing',
      ':*',
      '& |',
      '(',
      '<->',
      'water nothing',
      '🌵',
      '%',
      '\u202e',
    ].map((text) => [text]),
  )('does not find %s, and takes it as no operator', async (text) => {
    expect(await find(text)).toEqual([]);
  });

  it('takes tags as they are', async () => {
    for (const field of ['CREATED_AT', 'DUE_AT'] as const)
      for (const tag of ["O'X\\Y", 'r&d'])
        expect(
          (await listTasks("carol's", { filter: { tags: [tag] }, orderBy: { field } as TaskOrder }, database)).nodes,
        ).toHaveLength(1);
  });

  it('takes the largest task there can be', async () => {
    const id = '0198c0de-0000-7000-8000-00000000c402';
    await database.put({
      ...carols,
      id,
      title: '🪴'.repeat(200),
      description: textOf('', 10_000),
      tags: Array.from({ length: 20 }, (_, i) => `${i + 10}${'🪴'.repeat(48)}`),
      checklist: Array.from({ length: 100 }, (_, i) => ({
        id: `${i}`,
        text: textOf(`${i.toString(36)}é`, 500),
        done: true,
      })),
    });
    expect((await find('2ré1')).map((found) => found.id)).toEqual([id]);
    await database.remove(id);
    expect(await find('2ré1')).toEqual([]);
  });
});

it('follows what becomes of a task', async () => {
  const task = { ...(tasks[1] as TaskDocument), id: '0198c0de-0000-7000-8000-00000000d401', ownerId: 'dave' };
  const list = async (filter: TaskFilter) =>
    (await listTasks('dave', { filter, orderBy: { field: 'CREATED_AT', direction: 'DESC' } }, database)).nodes;
  await database.put({ ...task, tags: ['a', 'b'], status: 'PENDING' });
  const changed: TaskDocument = { ...task, tags: ['b', 'c'], status: 'CANCELLED', priority: 'LOW', title: 'New' };
  await database.put(changed);
  expect(await list({ tags: ['a'] })).toEqual([]);
  expect(await list({ tags: ['b'], status: ['PENDING'] })).toEqual([]);
  expect(await list({ search: 'water' })).toEqual([]);
  for (const filter of [{ tags: ['b'] }, { tags: ['c'] }, { search: 'new' }, { priority: ['LOW' as const] }])
    expect(await list(filter)).toEqual([changed]);
  await database.remove(task.id);
  expect(await list({})).toEqual([]);
  expect(await list({ tags: ['c'] })).toEqual([]);
});

describe('wrong input', () => {
  const orderBy: TaskOrder = { field: 'CREATED_AT', direction: 'DESC' };

  it.each<[object, string]>([
    [{ filter: { status: [] } }, 'filter.status'],
    [{ filter: { priority: [] } }, 'filter.priority'],
    [{ filter: { tags: [] } }, 'filter.tags'],
    [{ filter: { tags: tagsOf(21) } }, 'filter.tags'],
    [{ filter: { tags: ['a', ' '] } }, 'filter.tags.1'],
    [{ filter: { tags: ['x'.repeat(51)] } }, 'filter.tags.0'],
    [{ filter: { search: ' ' } }, 'filter.search'],
    [{ filter: { search: '🪴'.repeat(201) } }, 'filter.search'],
    [{ filter: { search: 'a\u0000' } }, 'filter.search'],
    [{ filter: { search: '\udc00' } }, 'filter.search'],
    [{ filter: { dueFrom: at(1), dueBefore: at(1) } }, 'filter.dueBefore'],
    [{ first: 101 }, 'first'],
    [{ after: 'x' }, 'after'],
  ])('%j is told by its field, also where the list would be empty anyway', async (args, field) => {
    for (const ownerId of ['alice', undefined])
      await expect(listTasks(ownerId, { orderBy, ...args }, database)).rejects.toMatchObject({
        extensions: { code: 'BAD_USER_INPUT', fields: [{ field }] },
      });
  });

  it('a cursor belongs to its order', async () => {
    const { pageInfo } = await listTasks('alice', { orderBy }, database);
    for (const other of orders.slice(2).concat({ field: 'CREATED_AT', direction: 'ASC' }))
      await expect(listTasks('alice', { orderBy: other, after: pageInfo.endCursor }, database)).rejects.toMatchObject({
        extensions: { code: 'BAD_USER_INPUT', fields: [{ field: 'after' }] },
      });
  });
});

it('counts only where it is asked to', async () => {
  const execute: string[] = [];
  const em = database.orm.em.fork();
  const watched = {
    orm: {
      em: {
        fork: () => ({
          map: em.map.bind(em),
          execute: (query: { sql: string }) => (execute.push(query.sql), em.execute(query as never)),
        }),
      },
    },
  } as unknown as TestDatabase;
  const list = await listTasks('alice', { orderBy: { field: 'CREATED_AT' } as TaskOrder, first: 1 }, watched);
  expect(execute).toHaveLength(1);
  expect(await list.countAll()).toBe(200);
  expect(execute).toHaveLength(2);
});
