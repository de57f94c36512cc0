import { Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import { NotificationRow } from './entity.ts';
import { FeedProjection } from './migrations/001-feed-projection.ts';

/** Opens the read side. Connects at the first query. */
export function openDatabase(url: string): Promise<MikroORM> {
  return MikroORM.init({
    clientUrl: url,
    entities: [NotificationRow],
    extensions: [Migrator],
    migrations: { migrationsList: [{ name: '001-feed-projection', class: FeedProjection }], snapshot: false },
    pool: { min: 0, max: 10 },
  });
}
