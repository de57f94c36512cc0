import { type PageArguments, pageOf, toConnection } from '@todo/service/paging';
import type { AppContext } from '../context.ts';
import { fromRow, TaskRow } from '../entity.ts';
import type { TaskFilter, TaskOrder } from '../generated/resolvers.ts';
import type { TaskDocument } from '../task.ts';
import { filterOf } from './filter.ts';
import { orderOf } from './order.ts';
import { countQuery, type ListQuery, pageQuery } from './query.ts';

/** One page of a list of tasks. */
export type TaskList = ReturnType<typeof toConnection<TaskDocument>> & {
  /** Counts the tasks on all pages. */
  countAll: () => Promise<number>;
};

type Arguments = PageArguments & { filter?: TaskFilter | null; orderBy: TaskOrder };

/**
 * One page of an owner's tasks, from the SQL read side.
 * @param ownerId undefined for nobody: the list is empty, but what is asked for is checked all the same
 * @throws BAD_USER_INPUT
 */
export async function listTasks(
  ownerId: string | undefined,
  args: Arguments,
  { orm }: Pick<AppContext, 'orm'>,
): Promise<TaskList> {
  const order = orderOf(args.orderBy);
  const page = pageOf(args, order);
  const filter = filterOf(args.filter, new Date().toISOString());
  if (ownerId === undefined || filter.statuses.length === 0)
    return { ...toConnection<TaskDocument>([], page), countAll: async () => 0 };
  const list: ListQuery = { ownerId, filter, order };
  const em = orm.em.fork();
  const rows = await em.execute<Record<string, unknown>[]>(pageQuery(list, page));
  const tasks = rows.map((row) => fromRow(em.map(TaskRow, row)));
  return {
    ...toConnection(tasks, page),
    countAll: async () => (await em.execute<[{ total: number }]>(countQuery(list)))[0].total,
  };
}
