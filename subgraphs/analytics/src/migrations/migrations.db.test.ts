import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { migrate } from '@todo/service/orm';
import { seed } from '@todo/service/testing/sampling';
import { record } from '../events/record.ts';
import { countsByPeriod, sumOf } from '../report/figures.ts';
import { rangeOf } from '../report/range.ts';
import { startAnalyticsDatabase, type TestDatabase } from '../testing/database.ts';
import { rebuild } from '../rebuild/rebuild.ts';
import { bulksOf, newTask, randomLives, told } from '../testing/lives.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startAnalyticsDatabase('001-daily-activity');
});
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

it(`from quarters of an hour to coarser figures: as if worked out anew, of lives drawn from ${seed}`, async () => {
  const before = await startAnalyticsDatabase('002-task-facts');
  const execute = <T>(sql: string): Promise<T[]> => before.orm.em.fork().execute<T[]>(sql);
  const differences = async (table: string, kept: string): Promise<object[]> =>
    execute(`(table ${table} except table ${kept}) union all (table ${kept} except table ${table}) limit 3`);
  try {
    const lives = randomLives(6_000, { seed, users: 4, from: '2025-01-01T00:00:00Z' });
    const [early, late] = [lives.slice(0, 4_000), lives.slice(4_000)];
    for (const { topic, events } of bulksOf(early, 400)) await record(before, topic, events);
    await execute('create table times_before as table completion_time');
    await Promise.all([migrate(before.orm), migrate(before.orm)]);
    // The version before reads what it did while this one is rolled out, and can rebuild should it come back.
    expect(await differences('completion_time', 'times_before')).toEqual([]);
    await execute(`update completion_histogram set tasks = array_fill(7, array[cardinality(tasks)])`);
    for (const table of ['activity', 'completion_time']) await execute(`delete from ${table}`);
    await execute(`select count_tasks('{}', array(select f from task_fact f))`);
    expect(await differences('completion_time', 'times_before')).toEqual([]);

    for (const { topic, events } of bulksOf(late, 400)) await record(before, topic, events);
    for (const table of ['activity', 'completion_histogram'])
      await execute(`create table kept_${table} as table ${table}`);
    const dimensions = await execute(`select distinct dimension from kept_activity where owner_id <> '' order by 1`);
    expect(dimensions).toHaveLength(5);
    await rebuild(before.orm, () => {});
    for (const table of ['activity', 'completion_histogram'])
      expect(await differences(table, `kept_${table}`)).toEqual([]);
  } finally {
    await before.stop();
  }
}, 120_000);
