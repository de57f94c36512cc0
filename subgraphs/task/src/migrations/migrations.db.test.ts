import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { migrate } from '@todo/service/orm';
import { listTasks } from '../list/list.ts';
import { startTaskDatabase, type TestDatabase } from '../testing/database.ts';

const task = {
  id: '0198c0de-0000-7000-8000-000000000001',
  ownerId: 'alice',
  title: 'From before',
  description: null,
  status: 'PENDING',
  dueAt: '2030-01-02T00:00:00.000Z',
  createdAt: '2030-01-01T00:00:00.000Z',
  updatedAt: '2030-01-01T00:00:00.000Z',
  completedAt: null,
  version: 3,
};

let database: TestDatabase;
beforeAll(async () => {
  database = await startTaskDatabase('001-task-projection');
  await database.put(task);
});
afterAll(() => database.stop());

it('replicas that start together fill in what is new, once, in the document and in the lists', async () => {
  const etagOf = async () =>
    (await database.orm.em.fork().execute<[{ etag: string }]>('select etag from state'))[0].etag;
  const before = await etagOf();
  await Promise.all([migrate(database.orm), migrate(database.orm)]);

  const filled = { ...task, priority: 'NORMAL', tags: [], dueTimeZone: null, checklist: [] };
  const [{ document }] = await database.orm.em
    .fork()
    .execute<[{ document: object }]>(`select convert_from(value, 'UTF8')::jsonb as document from state`);
  expect(document).toEqual(filled);
  // Whoever read it before reads it again.
  expect(await etagOf()).not.toBe(before);
  const args = { filter: { search: 'before' }, orderBy: { field: 'DUE_AT', direction: 'ASC' } } as const;
  const { nodes } = await listTasks('alice', args, database);
  expect(nodes).toEqual([filled]);
});
