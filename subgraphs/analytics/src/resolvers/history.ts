import { raw, sql } from '@mikro-orm/postgresql';
import { isBehind, type Order, pageOf, readDirection, rowsToRead, toConnection } from '@todo/service/paging';
import { TaskChangeRow } from '../entity.ts';
import type { TaskChangeRecord, TaskResolvers } from '../generated/resolvers.ts';

type Change = TaskChangeRecord & { id: string };

const newestFirst: Order<Change> = {
  name: 'history',
  direction: 'desc',
  type: 'bigint',
  key: (alias) => `${alias}.version`,
  keyOf: ({ version }) => version,
};

/** What became of a task, for its owner alone: for anyone else, nothing did. */
export const history: TaskResolvers['history'] = async ({ id: taskId }, args, { reader, identity }) => {
  const page = pageOf(args, newestFirst);
  if (!identity) return toConnection<Change>([], page);
  const em = reader.em.fork();
  const direction = readDirection(page);
  const rows = await em.execute<Record<string, unknown>[]>(sql`
    select c.* from task_change c
    where c.task_id = ${taskId} and c.owner_id = ${identity.sub} and ${isBehind(page, 'c')}
    order by ${raw('c.version')} ${direction}, ${raw('c.id')} ${direction}
    limit ${rowsToRead(page)}`);
  const changes = rows.map((row): Change => {
    const { id, version, at, kind, status, priority, tags, dueAt } = em.map(TaskChangeRow, row);
    return { id, version, at: at.toISOString(), kind, status, priority, tags, dueAt: dueAt?.toISOString() ?? null };
  });
  return toConnection(changes, page);
};
