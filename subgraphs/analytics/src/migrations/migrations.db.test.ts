import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { migrate } from '@todo/service/orm';
import { record } from '../events/record.ts';
import { countsByPeriod, sumOf } from '../report/figures.ts';
import { rangeOf } from '../report/range.ts';
import { startAnalyticsDatabase, type TestDatabase } from '../testing/database.ts';
import { newTask, told } from '../testing/lives.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startAnalyticsDatabase('001-daily-activity');
}, 120_000);
afterAll(() => database.stop());

it('from counts to facts: what had its effect is not forgotten, and a task is counted from its next event on', async () => {
  const em = database.orm.em.fork();
  const task = newTask('task-1', '2026-03-01T00:00:00.000Z');
  const { event } = told('task.created', task);
  await em.execute(`insert into event_inbox (event_id, type) values (?, ?)`, [event.id, event.type]);
  await em.execute(`insert into daily_activity (owner_id, day, created) values ('alice', '2026-03-01', 1)`);
  await Promise.all([migrate(database.orm), migrate(database.orm)]);

  const range = rangeOf({ from: '2026-03-01', to: '2026-03-01', by: 'DAY', timeZone: 'UTC' });
  const created = async () => sumOf(await countsByPeriod({ reader: database.reader, ownerId: 'alice', range })).created;
  await record(database, 'task.created', [event]);
  expect(await created()).toBe(0);
  await record(database, 'task.updated', [told('task.updated', { ...task, version: 2 }).event]);
  expect(await created()).toBe(1);
});
