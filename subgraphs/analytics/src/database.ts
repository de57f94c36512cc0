import { Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import { DailyActivityRow } from './entity.ts';
import { DailyActivity } from './migrations/001-daily-activity.ts';

/** Opens analytics' database. Connects at the first query. */
export function openDatabase(url: string): Promise<MikroORM> {
  return MikroORM.init({
    clientUrl: url,
    entities: [DailyActivityRow],
    extensions: [Migrator],
    migrations: { migrationsList: [{ name: '001-daily-activity', class: DailyActivity }], snapshot: false },
    pool: { min: 0, max: 10 },
  });
}
