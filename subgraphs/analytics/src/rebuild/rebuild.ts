import type { MikroORM } from '@mikro-orm/postgresql';
import { writing } from '../writing.ts';

const BATCH = 5_000;

/**
 * Works out all figures anew from the tasks' facts, in one transaction: until then the old ones are read, and events wait.
 * @param onProgress told how many tasks of how many are done
 */
export function rebuild(orm: MikroORM, onProgress: (done: number, total: number) => void): Promise<void> {
  return writing({ orm }, async (em) => {
    const [{ total }] = await em.execute<[{ total: number }]>('select count(*)::integer as total from task_fact');
    await em.execute('delete from activity');
    await em.execute('delete from completion_histogram');
    let done = 0;
    for (let last = ''; ;) {
      const [{ count, end }] = await em.execute<[{ count: number; end: string | null }]>(
        `with batch as materialized (select f from task_fact f where id > ? order by id limit ${BATCH}),
         counted as materialized (select count_tasks('{}', array(select f from batch)))
         select count(*)::integer as count, max((f).id) as "end" from batch, counted`,
        [last],
      );
      if (end === null) return;
      done += count;
      last = end;
      onProgress(done, total);
    }
  });
}
