import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from '@mikro-orm/postgresql';
import { encodeCursor, type PageArguments, pageOf } from '@todo/service/paging';
import type { TaskFilter, TaskOrder } from '../generated/resolvers.ts';
import type { TaskDocument } from '../task.ts';
import { startTaskDatabase, type TestDatabase } from '../testing/database.ts';
import { filterOf } from './filter.ts';
import { listTasks } from './list.ts';
import { orderOf } from './order.ts';
import { countQuery, pageQuery } from './query.ts';

type Plan = {
  'Node Type': string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: Plan[];
};
type Case = [name: string, filter: TaskFilter, orderBy: TaskOrder, index: string];

const TASKS = 12_000;
const PAGE = 20;
const now = '2026-06-01T00:00:00.000Z';
const by = (field: TaskOrder['field'], direction: TaskOrder['direction'] = 'ASC'): TaskOrder => ({ field, direction });
const newest = by('CREATED_AT', 'DESC');

/** One user with half of all tasks, the others with 60 each; nothing depends on anything else. */
const fill = `
  insert into state (key, value)
  select 'task-' || id, convert_to(jsonb_build_object(
    'id', id, 'ownerId', case when i % 2 = 0 then 'heavy' else 'user' || (r1 * 100)::int end,
    'title', 'Task ' || i || ' w' || (r2 * 500)::int || ' common' || (r3 * 3)::int, 'description', null,
    'status', (array['PENDING', 'IN_PROGRESS', 'COMPLETED', 'COMPLETED', 'COMPLETED', 'CANCELLED'])[1 + (r4 * 5.99)::int % 6],
    'priority', (array['LOW', 'NORMAL', 'NORMAL', 'HIGH', 'URGENT'])[1 + (r5 * 4.99)::int % 5],
    'tags', jsonb_build_array('often' || (r6 * 5)::int, 'seldom' || (r7 * 500)::int),
    'dueAt', case when r3 < 0.7 then timestamptz '2026-01-01' + r8 * interval '300 days' end,
    'dueTimeZone', null, 'checklist', '[]'::jsonb,
    'createdAt', timestamptz '2025-01-01' + i * interval '1 minute', 'updatedAt', timestamptz '2026-01-01' + r7 * interval '90 days',
    'completedAt', null, 'version', 1)::text, 'UTF8')
  from (
    select i, '0198c0de-0000-7000-8000-' || lpad(to_hex(i), 12, '0') as id, random() r1, random() r2, random() r3,
      random() r4, random() r5, random() r6, random() r7, random() r8
    from generate_series(1, ${TASKS}) i
  ) task`;

let database: TestDatabase;
beforeAll(async () => {
  database = await startTaskDatabase();
  const em = database.orm.em.fork();
  // The seed is that of a connection.
  await em.transactional(async (own) => {
    await own.execute('select setseed(0.5)');
    await own.execute(fill);
  });
  await em.execute('vacuum analyze');
});
afterAll(() => database.stop());

/** All nodes of the plan that PostgreSQL executes. */
async function planOf(ownerId: string, filter: TaskFilter, orderBy: TaskOrder, args?: PageArguments): Promise<Plan[]> {
  const list = { ownerId, filter: filterOf(filter, now), order: orderOf(orderBy) };
  const query = args ? pageQuery(list, pageOf(args, list.order)) : countQuery(list);
  const rows = await database.orm.em
    .fork()
    .execute<{ 'QUERY PLAN': [{ Plan: Plan }] | string }[]>(sql`explain (analyze, format json) ${query}`);
  const found = rows[0]?.['QUERY PLAN'] ?? '[]';
  const [{ Plan: root }] = (typeof found === 'string' ? JSON.parse(found) : found) as [{ Plan: Plan }];
  const nodes = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(nodes)];
  return nodes(root).filter((node) => node['Actual Loops'] > 0);
}

/** How many rows the plan took from tables and indexes. */
const rowsRead = (plan: Plan[]): number =>
  plan
    .filter((node) => /Scan/.test(node['Node Type']) && !/Subquery/.test(node['Node Type']))
    .reduce((sum, node) => {
      const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
      return sum + (node['Actual Rows'] + removed) * node['Actual Loops'];
    }, 0);

const indexes = (plan: Plan[]): string[] => [...new Set(plan.flatMap((node) => node['Index Name'] ?? []))];
const types = (plan: Plan[]): string[] => plan.map((node) => node['Node Type']);

/** Where a page far into the list begins. */
async function deepCursor(ownerId: string, filter: TaskFilter, orderBy: TaskOrder): Promise<string> {
  const { ...order } = orderOf(orderBy);
  const nodes: TaskDocument[] = [];
  for (let after: string | null = null; nodes.length < 400;) {
    const list = await listTasks(ownerId, { filter, orderBy, first: 100, after }, database);
    nodes.push(...list.nodes);
    after = list.pageInfo.endCursor;
    if (!list.pageInfo.hasNextPage) break;
  }
  expect(nodes.length).toBeGreaterThan(PAGE * 5);
  return encodeCursor(nodes.at(-PAGE * 2) as TaskDocument, order);
}

/** Lists that are ranges of an index, from the first page to the last. */
const ranges: Case[] = [
  ['the newest', {}, newest, 'task_newest'],
  ['the oldest', {}, by('CREATED_AT'), 'task_newest'],
  ['the newest of a status', { status: ['COMPLETED'] }, newest, 'task_created'],
  ['the newest that are open', { status: ['PENDING', 'IN_PROGRESS'] }, newest, 'task_created'],
  ['what changed last', {}, by('UPDATED_AT', 'DESC'), 'task_updated'],
  ['what is due first', { status: ['PENDING', 'IN_PROGRESS'] }, by('DUE_AT'), 'task_due_asc'],
  ['what is due last', {}, by('DUE_AT', 'DESC'), 'task_due_desc'],
  [
    'what is due in a time',
    { dueFrom: '2026-03-01T00:00:00.000Z', dueBefore: '2026-06-01T00:00:00.000Z' },
    by('DUE_AT'),
    'task_due_asc',
  ],
  [
    'what was due before a time, last first',
    { dueBefore: '2026-06-01T00:00:00.000Z' },
    by('DUE_AT', 'DESC'),
    'task_due_desc',
  ],
  ['what is overdue', { overdue: true }, by('DUE_AT'), 'task_due_asc'],
  ['what is not overdue', { overdue: false, status: ['PENDING'] }, by('DUE_AT'), 'task_due_asc'],
  ['the most urgent', {}, by('PRIORITY', 'DESC'), 'task_priority'],
  ['the newest with a tag', { tags: ['often2'] }, newest, 'task_tag_pkey'],
  ['the newest open ones with a tag', { tags: ['often2'], status: ['PENDING'] }, newest, 'task_tag_pkey'],
];

describe.each(ranges)('%s', (_, filter, orderBy, index) => {
  it.each(['first', 'deep', 'backward'])('%s page: a few rows of its index, and no sort', async (kind) => {
    const cursor = kind === 'first' ? null : await deepCursor('heavy', filter, orderBy);
    const page = kind === 'backward' ? { last: PAGE, before: cursor } : { first: PAGE, after: cursor };
    const plan = await planOf('heavy', filter, orderBy, page);
    expect(indexes(plan)).toContain(index);
    expect(types(plan)).not.toContain('Seq Scan');
    expect(types(plan)).not.toContain('Sort');
    // A page, one row more, one of each status, and each row again by its id for a tag.
    expect(rowsRead(plan)).toBeLessThanOrEqual(2 * (PAGE + 1 + 4));
  });

  it('has an index for someone with few tasks as well', async () => {
    const plan = await planOf('user7', filter, orderBy, { first: PAGE });
    expect(types(plan)).not.toContain('Seq Scan');
    expect(rowsRead(plan)).toBeLessThanOrEqual(300);
  });
});

/** Lists that no one index has both the filter and the order of: of what is rare, all is read; of what is common, a page. */
const searches: Case[] = [
  ['a rare word', { search: 'w77' }, newest, 'task_search'],
  ['a common word', { search: 'common1' }, newest, 'task_newest'],
  ['a rare word by due date', { search: 'w77' }, by('DUE_AT'), 'task_search'],
  ['a rare and a common word', { search: 'common w77' }, newest, 'task_search'],
  ['two tags', { tags: ['often2', 'seldom77'] }, newest, 'task_search'],
  ['a rare tag by due date', { tags: ['seldom77'] }, by('DUE_AT'), 'task_search'],
  ['a common tag by due date', { tags: ['often2'] }, by('DUE_AT'), 'task_due_asc'],
  ['a word nobody has', { search: 'nonesuch' }, newest, 'task_search'],
];

it.each(searches)('%s: an index, and few rows', async (_, filter, orderBy, index) => {
  const plan = await planOf('heavy', filter, orderBy, { first: PAGE });
  expect(indexes(plan)).toContain(index);
  expect(types(plan)).not.toContain('Seq Scan');
  expect(rowsRead(plan)).toBeLessThanOrEqual(600);
});

it.each<TaskFilter>([{}, { status: ['PENDING'] }, { tags: ['often2'] }, { search: 'common1' }, { overdue: true }])(
  'counts the few tasks of one among many by an index: %j',
  async (filter) => {
    const plan = await planOf('user7', filter, newest);
    expect(types(plan)).not.toContain('Seq Scan');
    expect(rowsRead(plan)).toBeLessThanOrEqual(300);
  },
);
