import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { record } from '../events/record.ts';
import { startAnalyticsDatabase, type TestDatabase } from '../testing/database.ts';
import { bulksOf, randomLives, shuffled } from '../testing/lives.ts';
import { rebuild } from './rebuild.ts';

const EVENTS = 100_000;

let database: TestDatabase;
beforeAll(async () => {
  database = await startAnalyticsDatabase();
}, 120_000);
afterAll(() => database.stop());

async function figures(): Promise<object[]> {
  const em = database.orm.em.fork();
  return [
    await em.execute('select * from activity order by owner_id, dimension, slot, value'),
    await em.execute('select * from completion_time order by owner_id, slot, bucket'),
  ];
}

it('gives the figures that were kept all along', async () => {
  const lives = randomLives(EVENTS, { seed: 11, users: 40, from: '2025-01-01T00:00:00Z' });
  // Late by up to 5,000 others, as after trouble with the broker.
  const late = Array.from({ length: Math.ceil(lives.length / 5_000) }, (_, i) =>
    shuffled(lives.slice(i * 5_000, (i + 1) * 5_000), i),
  ).flat();
  for (const { topic, events } of bulksOf(late, 400)) await record(database, topic, events);
  const kept = await figures();

  const progress: [number, number][] = [];
  await rebuild(database.orm, (done, total) => progress.push([done, total]));
  expect(await figures()).toEqual(kept);
  const tasks = new Set(lives.map(({ event }) => event.subject)).size;
  expect(progress.at(-1)).toEqual([tasks, tasks]);
  expect(progress.length).toBeGreaterThan(1);

  // And it puts right what went wrong.
  const em = database.orm.em.fork();
  await em.execute(`update activity set created = created + 1 where owner_id = 'user-1'`);
  await em.execute(`delete from completion_time where owner_id = 'user-2'`);
  expect(await figures()).not.toEqual(kept);
  await rebuild(database.orm, () => {});
  expect(await figures()).toEqual(kept);
}, 600_000);
