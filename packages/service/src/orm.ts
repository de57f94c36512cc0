import { Migrator } from '@mikro-orm/migrations';
import { MikroORM, type Options } from '@mikro-orm/postgresql';
import type { Logger } from './logger.ts';

/** A service's tables and the migrations that make them, oldest first. */
export type Database = {
  entities: NonNullable<Options['entities']>;
  migrations: NonNullable<NonNullable<Options['migrations']>['migrationsList']>;
};

/** Opens a service's database. Connects at the first query; `migrate` brings the schema up to date. */
export function openDatabase(url: string, { entities, migrations }: Database, logger: Logger): Promise<MikroORM> {
  return MikroORM.init({
    clientUrl: url,
    entities,
    extensions: [Migrator],
    migrations: { migrationsList: migrations, snapshot: false },
    pool: { min: 0, max: 10 },
    colors: false,
    onCreateConnection: withoutJit,
    logger: (message) => logger.info(message),
  });
}

/** Statements take milliseconds: to compile one that the planner thinks long would take longer than to run it. */
async function withoutJit(connection: unknown): Promise<void> {
  const { executeQuery } = connection as { executeQuery(query: { sql: string; parameters: [] }): Promise<unknown> };
  await executeQuery.call(connection, { sql: 'set jit = off', parameters: [] });
}

/** Any number, the same in all replicas: who holds this advisory lock migrates. */
const MIGRATION_LOCK = 7_201_502;

/** Brings the schema up to date. Replicas that start together take turns: only the first finds anything to do. */
export async function migrate(orm: MikroORM): Promise<void> {
  await orm.em.fork().transactional(async (em) => {
    await em.execute('select pg_advisory_xact_lock(?)', [MIGRATION_LOCK]);
    await orm.migrator.up();
  });
}
