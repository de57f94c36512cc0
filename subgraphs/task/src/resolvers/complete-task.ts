import { requireIdentity } from '@todo/service/errors';
import { changeTask } from '../change.ts';
import type { MutationResolvers } from '../generated/resolvers.ts';

/** Completing a completed task changes nothing and makes no event. */
export const completeTask: MutationResolvers['completeTask'] = async (_, { id, expectedVersion }, context) => {
  const { sub: ownerId } = requireIdentity(context);
  return changeTask(context, { id, ownerId, expectedVersion }, (task, now) =>
    task.status === 'COMPLETED'
      ? null
      : {
          topic: 'task.completed',
          task: { ...task, status: 'COMPLETED', completedAt: now, updatedAt: now, version: task.version + 1 },
        },
  );
};
