import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { createLogger } from '@todo/service/logger';
import { migrate, openDatabase } from '@todo/service/orm';
import { startPostgres, type TestPostgres } from '@todo/service/testing/postgres';
import { startClock } from '../clock.ts';
import { database } from '../database.ts';
import { record } from '../events/record.ts';
import { newTask, told } from '../testing/lives.ts';
import { rangeOf } from './range.ts';
import { openReport } from './report.ts';

const logger = createLogger('test', 'silent');
const servers: TestPostgres[] = [];
const orms: MikroORM[] = [];
let stopClock: (() => Promise<void>) | undefined;

async function open(server: TestPostgres): Promise<MikroORM> {
  servers.push(server);
  const orm = await openDatabase(server.url, database, logger);
  orms.push(orm);
  await migrate(orm);
  return orm;
}
afterAll(async () => {
  await stopClock?.();
  // The one that subscribes first: the other waits for it.
  for (const orm of orms.toReversed()) await orm.close();
  for (const server of servers.toReversed()) await server.stop();
});

let primary: MikroORM;
let replica: MikroORM;
beforeAll(async () => {
  [primary, replica] = [await open(await startPostgres({ wal_level: 'logical' })), await open(await startPostgres())];
  await primary.em
    .fork()
    .execute(
      `create publication reports for table activity, completion_histogram, clock with (publish = 'insert, update, delete')`,
    );
  const em = replica.em.fork();
  await em.execute('delete from clock');
  await em.execute(`create subscription reports connection '${servers[0]?.url}' publication reports`);
  stopClock = startClock(primary, logger);
});

const created = async (reader: MikroORM): Promise<{ asOf: number; created: number }> => {
  const range = rangeOf({ from: '2026-03-01', to: '2026-03-01', by: 'DAY', timeZone: 'UTC' });
  const report = await openReport(reader, 'alice', range);
  return { asOf: Date.parse(report.asOf), created: (await report.total(false)).created };
};

async function eventually(condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 60_000; !(await condition());) {
    if (Date.now() > deadline) throw new Error('it did not come about');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const create = (id: string) =>
  record({ orm: primary }, 'task.created', [told('task.created', newTask(id, '2026-03-01T00:00:00.000Z')).event]);

it('a report of a replica that lags says as of when it is', async () => {
  await eventually(async () => (await replica.em.fork().execute('select at from clock')).length === 1);
  await create('one');
  await eventually(async () => (await created(replica)).created === 1);

  await replica.em.fork().execute('alter subscription reports disable');
  // It may still be busy with what came before.
  const busy = `select pid from pg_stat_subscription where subname = 'reports' and pid is not null`;
  await eventually(async () => (await replica.em.fork().execute(busy)).length === 0);
  const begin = (await created(replica)).asOf;
  await create('two');
  const written = Date.now();
  await eventually(async () => (await created(primary)).asOf > written);
  expect((await created(primary)).created).toBe(2);
  const lagging = await created(replica);
  expect(lagging.created).toBe(1);
  expect(lagging.asOf).toBeLessThan(written);
  expect(lagging.asOf).toBeGreaterThanOrEqual(begin);

  await replica.em.fork().execute('alter subscription reports enable');
  await eventually(async () => (await created(replica)).asOf > written);
  expect((await created(replica)).created).toBe(2);
});
