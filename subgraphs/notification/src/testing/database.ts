import type { MikroORM } from '@mikro-orm/postgresql';
import { createLogger } from '@todo/service/logger';
import { migrate, openDatabase } from '@todo/service/orm';
import type { StateStore } from '@todo/service/state';
import { startPostgres } from '@todo/service/testing/postgres';
import { openSqlState, stateTable } from '@todo/service/testing/state';
import { database } from '../database.ts';

/** The service's database, on a PostgreSQL of the test's own, with Dapr's state table and a store that keeps it. */
export type TestDatabase = { orm: MikroORM; state: StateStore<unknown>; stop: () => Promise<void> };

/** @param upTo the last migration to apply: all of them unless given */
export async function startNotificationDatabase(upTo?: string): Promise<TestDatabase> {
  const postgres = await startPostgres();
  const orm = await openDatabase(postgres.url, database, createLogger('test', 'silent'));
  await orm.em.fork().execute(stateTable);
  if (upTo === undefined) await migrate(orm);
  else await orm.migrator.up({ to: upTo });
  return {
    orm,
    state: openSqlState(orm),
    async stop() {
      await orm.close();
      await postgres.stop();
    },
  };
}
