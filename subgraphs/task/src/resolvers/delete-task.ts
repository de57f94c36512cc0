import { requireIdentity } from '@todo/service/errors';
import { onceOf } from '@todo/service/idempotency';
import { type Change, changeTask } from '../change.ts';
import type { MutationResolvers } from '../generated/resolvers.ts';
import type { TaskDocument } from '../task.ts';

/** The event has the task as it was, one version later. */
export function deletion(task: TaskDocument, now: string): Change {
  return { topic: 'task.deleted', task: { ...task, updatedAt: now, version: task.version + 1 } };
}

export const deleteTask: MutationResolvers['deleteTask'] = async (_, args, context, info) => {
  const { sub: ownerId } = requireIdentity(context);
  const { id, expectedVersion } = args;
  await changeTask(context, { id, ownerId, expectedVersion, once: onceOf(context, args, info) }, deletion);
  return { id };
};
