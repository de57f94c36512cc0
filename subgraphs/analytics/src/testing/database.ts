import type { MikroORM } from '@mikro-orm/postgresql';
import { createLogger } from '@todo/service/logger';
import { migrate, openDatabase } from '@todo/service/orm';
import { startPostgres } from '@todo/service/testing/postgres';
import { database } from '../database.ts';

/** Analytics' database, on a PostgreSQL of the test's own. */
export type TestDatabase = { orm: MikroORM; reader: MikroORM; stop: () => Promise<void> };

/** @param upTo the last migration to apply: all of them unless given */
export async function startAnalyticsDatabase(upTo?: string): Promise<TestDatabase> {
  const postgres = await startPostgres();
  const orm = await openDatabase(postgres.url, database, createLogger('test', 'silent'));
  if (upTo === undefined) await migrate(orm);
  else await orm.migrator.up({ to: upTo });
  return {
    orm,
    reader: orm,
    async stop() {
      await orm.close();
      await postgres.stop();
    },
  };
}
