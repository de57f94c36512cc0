import { requireIdentity } from '@todo/service/errors';
import { pageArguments, toConnection } from '@todo/service/paging';
import type { RequestContext } from '../context.ts';
import { TaskRow } from '../entity.ts';
import type { QueryResolvers, UserResolvers } from '../generated/resolvers.ts';
import type { TaskDocument } from '../task.ts';

type Page = { first: number; after?: string | null };

/** One page of an owner's tasks, newest first, from the SQL read side. */
async function page(ownerId: string, args: Page, context: RequestContext) {
  const { limit, where } = pageArguments(args);
  const rows = await context.orm.em
    .fork()
    .find(TaskRow, { ownerId, ...where }, { orderBy: { createdAt: 'desc', id: 'desc' }, limit });
  const tasks = rows.map((row): TaskDocument => ({
    id: row.id,
    ownerId: row.ownerId,
    title: row.title,
    description: row.description ?? null,
    status: row.status,
    dueAt: row.dueAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    completedAt: row.completedAt?.toISOString() ?? null,
    version: row.version,
  }));
  return toConnection(tasks, args.first);
}

export const tasks: QueryResolvers['tasks'] = (_, args, context) => page(requireIdentity(context).sub, args, context);

/** A user's tasks are for that user alone: the reference itself proves nothing. */
export const userTasks: UserResolvers['tasks'] = (user, args, context) => {
  const { sub } = requireIdentity(context);
  return user.id === sub ? page(sub, args, context) : toConnection([], args.first);
};
