import { Migrator } from '@mikro-orm/migrations';
import { MikroORM, type Options } from '@mikro-orm/postgresql';
import type { Logger } from './logger.ts';

/** A service's tables and the migrations that make them, oldest first. */
export type Database = {
  entities: NonNullable<Options['entities']>;
  migrations: NonNullable<NonNullable<Options['migrations']>['migrationsList']>;
};

/** Opens a service's database. Connects at the first query; `orm.migrator.up()` brings the schema up to date. */
export function openDatabase(url: string, { entities, migrations }: Database, logger: Logger): Promise<MikroORM> {
  return MikroORM.init({
    clientUrl: url,
    entities,
    extensions: [Migrator],
    migrations: { migrationsList: migrations, snapshot: false },
    pool: { min: 0, max: 10 },
    colors: false,
    logger: (message) => logger.info(message),
  });
}
