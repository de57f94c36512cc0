import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { seed } from '@todo/service/testing/sampling';
import { record } from '../events/record.ts';
import { startAnalyticsDatabase, type TestDatabase } from '../testing/database.ts';
import { bulksOf, randomLives, shuffled } from '../testing/lives.ts';
import { rebuild } from './rebuild.ts';

const EVENTS = 100_000;

let database: TestDatabase;
beforeAll(async () => {
  database = await startAnalyticsDatabase();
});
afterAll(() => database.stop());

const tables = ['activity', 'completion_histogram'];
const execute = <T>(sql: string): Promise<T[]> => database.orm.em.fork().execute<T[]>(sql);

/** Rows that are not as they were kept, or not there any more. */
async function differences(): Promise<object[]> {
  const each = tables.map((table) =>
    execute<object>(
      `(table ${table} except table kept_${table}) union all (table kept_${table} except table ${table}) limit 3`,
    ),
  );
  return (await Promise.all(each)).flat();
}

it(`gives the figures that were kept all along, of lives drawn from ${seed}`, async () => {
  const lives = randomLives(EVENTS, { seed, users: 40, from: '2025-01-01T00:00:00Z' });
  // Late by up to 5,000 others, as after trouble with the broker.
  const late = Array.from({ length: Math.ceil(lives.length / 5_000) }, (_, i) =>
    shuffled(lives.slice(i * 5_000, (i + 1) * 5_000), i),
  ).flat();
  for (const { topic, events } of bulksOf(late, 400)) await record(database, topic, events);
  for (const table of tables) await execute(`create table kept_${table} as table ${table}`);

  const progress: [number, number][] = [];
  await rebuild(database.orm, (done, total) => progress.push([done, total]));
  expect(await differences()).toEqual([]);
  const tasks = new Set(lives.map(({ event }) => event.subject)).size;
  expect(progress.at(-1)).toEqual([tasks, tasks]);
  expect(progress.length).toBeGreaterThan(1);

  // And it puts right what went wrong.
  await execute(`update activity set created = created + 1 where owner_id = 'user-1'`);
  await execute(`delete from completion_histogram where owner_id = 'user-2'`);
  expect(await differences()).not.toEqual([]);
  await rebuild(database.orm, () => {});
  expect(await differences()).toEqual([]);
}, 600_000);
