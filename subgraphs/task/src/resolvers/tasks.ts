import { requireIdentity } from '@todo/service/errors';
import type { QueryResolvers, TaskConnectionResolvers, UserResolvers } from '../generated/resolvers.ts';
import { listTasks } from '../list/list.ts';

export const tasks: QueryResolvers['tasks'] = (_, args, context) =>
  listTasks(requireIdentity(context).sub, args, context);

/** A user's tasks are for that user alone: the reference itself proves nothing. */
export const userTasks: UserResolvers['tasks'] = (user, args, context) => {
  const { sub } = requireIdentity(context);
  return listTasks(user.id === sub ? sub : undefined, args, context);
};

/** Counted only where it is selected. */
export const totalCount: TaskConnectionResolvers['totalCount'] = (list) => list.countAll();
