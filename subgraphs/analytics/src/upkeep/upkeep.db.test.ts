import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { createLogger } from '@todo/service/logger';
import { record } from '../events/record.ts';
import { startAnalyticsDatabase, type TestDatabase } from '../testing/database.ts';
import { newTask, told } from '../testing/lives.ts';
import { writing } from '../writing.ts';
import { startUpkeep, upkeep } from './upkeep.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startAnalyticsDatabase();
});
afterAll(() => database.stop());

const execute = <T>(sql: string): Promise<T[]> => database.orm.em.fork().execute<T[]>(sql);
const months = async (): Promise<string[]> =>
  (
    await execute<{ name: string }>(
      `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'task_change'::regclass order by 1`,
    )
  ).map(({ name }) => name);
const placeOf = async (id: string): Promise<string[]> =>
  (
    await execute<{ place: string }>(
      `select tableoid::regclass::text as place from task_change where task_id = '${id}'`,
    )
  ).map(({ place }) => place);
const run = (now: string) => upkeep(database.orm, { historyDays: 60 }, new Date(now));

it('history is kept by months, which are made ahead and dropped as a whole', async () => {
  // Before its month is there, as from a clock that is ahead.
  await record(database, 'task.created', [told('task.created', newTask('early', '2026-03-20T00:00:00.000Z')).event]);
  expect(await placeOf('early')).toEqual(['task_change_other']);
  await run('2026-01-10T00:00:00Z');
  expect(await months()).toEqual([
    'task_change_2026_01',
    'task_change_2026_02',
    'task_change_2026_03',
    'task_change_other',
  ]);
  expect(await placeOf('early')).toEqual(['task_change_2026_03']);

  for (const [id, at] of [
    ['january', '2026-01-31T23:59:59.999Z'],
    ['long-ago', '2020-05-01T00:00:00.000Z'],
  ] as const)
    await record(database, 'task.created', [told('task.created', newTask(id, at)).event]);
  expect(await placeOf('january')).toEqual(['task_change_2026_01']);
  await Promise.all([run('2026-04-01T00:00:00Z'), run('2026-04-01T00:00:00Z')]);
  expect(await placeOf('long-ago')).toEqual([]);
  expect(await placeOf('january')).toEqual(['task_change_2026_01']);
  await run('2026-04-02T00:00:00Z');
  expect((await months())[0]).toBe('task_change_2026_02');
  expect(await placeOf('early')).toEqual(['task_change_2026_03']);
});

it('what cannot come again is forgotten, and so are tasks of long ago with their figures', async () => {
  const closed = newTask('closed', '2019-05-01T00:00:00.000Z', { status: 'CANCELLED' });
  const open = newTask('open', '2019-05-01T00:00:00.000Z', { ownerId: 'bob' });
  const events = [closed, open].map((task) => told('task.created', task).event);
  await record(database, 'task.created', events);
  const inbox = () => execute(`select 1 from event_inbox`);
  await run(new Date(Date.now() + 8 * 86_400_000).toISOString());
  expect(await inbox()).not.toEqual([]);
  await run(new Date(Date.now() + 10 * 86_400_000).toISOString());
  expect(await inbox()).toEqual([]);
  expect(await execute(`select id from task_fact where id in ('closed', 'open')`)).toEqual([{ id: 'open' }]);
  const slots = `from activity where slot < '2020-01-01'`;
  expect(await execute(`select distinct owner_id ${slots} order by 1`)).toEqual([
    { owner_id: '' },
    { owner_id: 'bob' },
  ]);
  expect(await execute(`select created ${slots} and owner_id = '' and dimension = 'priority'`)).toEqual([
    { created: 1 },
  ]);
});

it('begins at once, and outlives a rebuild that has all writers wait', async () => {
  const logger = createLogger('test', 'silent');
  const warned = Promise.withResolvers<void>();
  const warn = jest.spyOn(logger, 'warn').mockImplementation(() => warned.resolve());
  const stop = await writing(database, async (em) => {
    const stopUpkeep = startUpkeep(database.orm, { historyDays: 60 }, logger);
    // Who holds the lock may not rest for as long as others wait for it.
    const busy = setInterval(() => void em.execute('select 1'), 1_000);
    await warned.promise;
    clearInterval(busy);
    return stopUpkeep;
  });
  await stop();
  expect(warn).toHaveBeenCalledTimes(1);
});
