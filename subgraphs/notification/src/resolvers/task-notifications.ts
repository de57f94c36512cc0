import type { MikroORM } from '@mikro-orm/postgresql';
import { fromRow, NotificationRow } from '../entity.ts';
import { isKept } from '../feed/read.ts';
import type { FeedEntry } from '../feed-entry.ts';

type Key = { taskId: string; first: number };

/** For each key the owner's newest feed entries about a task, read with one statement. */
export async function latestByTask(
  orm: MikroORM,
  ownerId: string | undefined,
  keys: readonly Key[],
): Promise<FeedEntry[][]> {
  if (ownerId === undefined) return keys.map(() => []);
  const em = orm.em.fork();
  const rows = await em.execute<(Record<string, unknown> & { ord: number })[]>(
    `select k.ord, n.* from json_to_recordset(?::json) as k (task_id text, first int, ord int)
     cross join lateral (
       select * from notification
       where owner_id = ? and task_id = k.task_id and ${isKept('notification')}
       order by created_at desc, id desc limit k.first
     ) n
     order by k.ord, n.created_at desc, n.id desc`,
    [JSON.stringify(keys.map(({ taskId, first }, ord) => ({ task_id: taskId, first, ord }))), ownerId],
  );
  const lists: FeedEntry[][] = keys.map(() => []);
  for (const { ord, ...row } of rows) lists[ord]?.push(fromRow(em.map(NotificationRow, row)));
  return lists;
}
