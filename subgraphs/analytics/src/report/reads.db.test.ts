import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { record } from '../events/record.ts';
import { startAnalyticsDatabase, type TestDatabase } from '../testing/database.ts';
import { bulksOf, randomLives } from '../testing/lives.ts';
import { countsByPeriod, countsByValue, ORGANIZATION, type Scope, timesByPeriod } from './figures.ts';
import { rangeOf } from './range.ts';

type Plan = {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Cond'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  Plans?: Plan[];
};

let database: TestDatabase;
beforeAll(async () => {
  database = await startAnalyticsDatabase();
  // So many of one user that most quarters of an hour of a year have some.
  const lives = randomLives(30_000, { seed: 3, users: 1, from: '2023-01-01T00:00:00Z' });
  for (const { topic, events } of bulksOf(lives, 1_000)) await record(database, topic, events);
  await database.orm.em.fork().execute('vacuum (analyze) activity, completion_histogram');
}, 300_000);
afterAll(() => database.stop());

const flat = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(flat)];

/** How what is read by `read` is found. */
async function plansOf(ownerId: string, timeZone: string, read: (scope: Scope) => Promise<unknown>): Promise<Plan[]> {
  const plans: Plan[] = [];
  const execute = async (sql: string, parameters: unknown[]): Promise<object[]> => {
    const em = database.orm.em.fork();
    const [row] = await em.execute<[{ 'QUERY PLAN': [{ Plan: Plan }] }]>(
      `explain (analyze, format json) ${sql}`,
      parameters,
    );
    plans.push(...flat(row['QUERY PLAN'][0].Plan));
    return em.execute(sql, parameters);
  };
  const reader = { em: { fork: () => ({ execute }) } } as unknown as MikroORM;
  const range = rangeOf({ from: '2023-01-15', to: '2024-01-14', by: 'DAY', timeZone });
  await read({ reader, ownerId, range });
  return plans;
}

const YEAR_DAYS = 365;
const rowsOf = async (table: string, where: string): Promise<number> => {
  const [row] = await database.orm.em
    .fork()
    .execute<[{ rows: number }]>(`select count(*)::integer as rows from ${table} where ${where}`);
  return row.rows;
};

it.each([
  ['counts by day', 'user-0', 'Europe/Berlin', countsByPeriod, 24 * YEAR_DAYS],
  ['counts by day', 'user-0', 'Asia/Kathmandu', countsByPeriod, (23 + 4 * 4) * YEAR_DAYS],
  ['times by day', 'user-0', 'Europe/Berlin', timesByPeriod, 24 * YEAR_DAYS],
  ['times by day', 'user-0', 'Asia/Kathmandu', timesByPeriod, (23 + 4) * YEAR_DAYS],
  ['tags', 'user-0', 'Europe/Berlin', (scope: Scope) => countsByValue(scope, 'tag', 10), (11 + 31 * 96) * 4],
  ['priorities', 'user-0', 'Europe/Berlin', (scope: Scope) => countsByValue(scope, 'priority'), (11 + 31 * 96) * 4],
  ['counts of all users by day', ORGANIZATION, 'UTC', countsByPeriod, 4 * YEAR_DAYS],
  ['times of all users by day', ORGANIZATION, 'UTC', timesByPeriod, YEAR_DAYS],
] as const)('%s (%s, %s) are ranges of an index, and few rows', async (_name, ownerId, timeZone, read, most) => {
  const plans = await plansOf(ownerId, timeZone, read);
  const scans = plans.filter((plan) => /Index.* Scan$/.test(plan['Node Type']));
  expect(plans.filter((plan) => plan['Node Type'] === 'Seq Scan')).toEqual([]);
  for (const scan of scans) expect(scan['Index Cond']).toMatch(/owner_id = .*slot >= .*slot < /s);
  const rows = scans.reduce((sum, scan) => sum + scan['Actual Rows'] * scan['Actual Loops'], 0);
  expect(rows).toBeGreaterThan(0);
  expect(rows).toBeLessThanOrEqual(most);
});

it('of which there are many more', async () => {
  const ofUser = `owner_id = 'user-0' and slot between '2023-01-15' and '2024-01-14'`;
  expect(await rowsOf('activity', `${ofUser} and dimension = 'priority'`)).toBeGreaterThan(1.5 * 24 * YEAR_DAYS);
  expect(await rowsOf('activity', `${ofUser} and dimension = 'tag'`)).toBeGreaterThan(1.5 * (11 + 31 * 96) * 4);
});

it('and are not compiled before they are run', async () => {
  expect(await database.orm.em.fork().execute('show jit')).toEqual([{ jit: 'off' }]);
});
