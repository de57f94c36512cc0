import { notFound, requireIdentity } from '@todo/service/errors';
import { onceOf } from '@todo/service/idempotency';
import { changeTask } from '../change.ts';
import type { MutationResolvers } from '../generated/resolvers.ts';

/** An item that is marked so already changes nothing and makes no event. */
export const checkItem: MutationResolvers['checkItem'] = async (_, args, context, info) => {
  const { sub: ownerId } = requireIdentity(context);
  const { id, itemId, done, expectedVersion } = args;
  return changeTask(context, { id, ownerId, expectedVersion, once: onceOf(context, args, info) }, (task, now) => {
    const item = task.checklist.find((one) => one.id === itemId);
    if (!item) throw notFound(`task ${id} has no checklist item ${itemId}`);
    if (item.done === done) return null;
    const checklist = task.checklist.map((one) => (one === item ? { ...one, done } : one));
    return { topic: 'task.updated', task: { ...task, checklist, updatedAt: now, version: task.version + 1 } };
  });
};
