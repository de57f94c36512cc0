import { MikroORM } from '@mikro-orm/postgresql';
import { Migrator } from '@mikro-orm/migrations';
import { TaskRow } from './entity.ts';
import { TaskProjection } from './migrations/001-task-projection.ts';

/** Opens the read side. Connects at the first query. */
export function openDatabase(url: string): Promise<MikroORM> {
  return MikroORM.init({
    clientUrl: url,
    entities: [TaskRow],
    extensions: [Migrator],
    migrations: { migrationsList: [{ name: '001-task-projection', class: TaskProjection }], snapshot: false },
    pool: { min: 0, max: 10 },
  });
}
