import { migrate, openDatabase } from '@todo/service/orm';
import { createLogger } from '@todo/service/logger';
import { startPostgres } from '@todo/service/testing/postgres';
import { stateTable } from '@todo/service/testing/state';
import type { MikroORM } from '@mikro-orm/postgresql';
import { database } from '../database.ts';
import { type TaskDocument, taskKey } from '../task.ts';

/** The task service's database, on a PostgreSQL of the test's own, with Dapr's state table. */
export type TestDatabase = {
  orm: MikroORM;
  /** Writes documents as Dapr does: the triggers see to the rest. */
  put: (...tasks: object[]) => Promise<void>;
  remove: (id: string) => Promise<void>;
  stop: () => Promise<void>;
};

/** @param upTo the last migration to apply: all of them unless given */
export async function startTaskDatabase(upTo?: string): Promise<TestDatabase> {
  const postgres = await startPostgres();
  const logger = createLogger('test', 'silent');
  const orm = await openDatabase(postgres.url, database, logger);
  await orm.em.fork().execute(stateTable);
  if (upTo === undefined) await migrate(orm);
  else await orm.migrator.up({ to: upTo });
  return {
    orm,
    async put(...tasks) {
      const rows = tasks.map((task) => ({ key: taskKey((task as TaskDocument).id), value: JSON.stringify(task) }));
      await orm.em.fork().execute(
        `insert into state (key, value)
         select key, convert_to(value, 'UTF8') from json_to_recordset(?::json) as row (key text, value text)
         on conflict (key) do update set value = excluded.value, updated_at = now()`,
        [JSON.stringify(rows)],
      );
    },
    remove: async (id) => void (await orm.em.fork().execute('delete from state where key = ?', [taskKey(id)])),
    async stop() {
      await orm.close();
      await postgres.stop();
    },
  };
}
