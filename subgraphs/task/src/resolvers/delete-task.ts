import { requireIdentity } from '@todo/service/errors';
import { changeTask } from '../change.ts';
import type { MutationResolvers } from '../generated/resolvers.ts';

export const deleteTask: MutationResolvers['deleteTask'] = async (_, { id, expectedVersion }, context) => {
  const { sub: ownerId } = requireIdentity(context);
  await changeTask(context, { id, ownerId, expectedVersion }, (task, now) => ({
    topic: 'task.deleted',
    task: { ...task, updatedAt: now, version: task.version + 1 },
  }));
  return { id };
};
