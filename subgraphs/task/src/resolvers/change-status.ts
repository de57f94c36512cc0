import { requireIdentity } from '@todo/service/errors';
import { onceOf } from '@todo/service/idempotency';
import { type Change, changeTask } from '../change.ts';
import type { MutationResolvers } from '../generated/resolvers.ts';
import { type Status, withStatus } from '../status.ts';
import type { TaskDocument } from '../task.ts';

/** What a new status makes of a task: null, and no event, where it has that status already. */
export function statusChange(task: TaskDocument, status: Status, now: string): Change | null {
  const changed = withStatus(task, status, now);
  return changed && { topic: status === 'COMPLETED' ? 'task.completed' : 'task.updated', task: changed };
}

/** A mutation that gives a task a status. */
const changeTo =
  (status: Status): NonNullable<MutationResolvers['startTask']> =>
  async (_, args, context, info) => {
    const { sub: ownerId } = requireIdentity(context);
    const target = { id: args.id, ownerId, expectedVersion: args.expectedVersion, once: onceOf(context, args, info) };
    return changeTask(context, target, (task, now) => statusChange(task, status, now));
  };

export const startTask = changeTo('IN_PROGRESS');
export const completeTask = changeTo('COMPLETED');
export const reopenTask = changeTo('PENDING');
export const cancelTask = changeTo('CANCELLED');
