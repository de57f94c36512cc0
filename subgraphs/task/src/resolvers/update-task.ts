import { badInput, parseInput, requireIdentity } from '@todo/service/errors';
import { onceOf } from '@todo/service/idempotency';
import { changeTask } from '../change.ts';
import { checklistFrom } from '../checklist.ts';
import type { MutationResolvers } from '../generated/resolvers.ts';
import { updateTaskInput } from '../input.ts';

export const updateTask: MutationResolvers['updateTask'] = async (_, args, context, info) => {
  const { sub: ownerId } = requireIdentity(context);
  const input = parseInput(updateTaskInput, args.input);
  const target = { id: args.id, ownerId, expectedVersion: args.expectedVersion, once: onceOf(context, args, info) };
  return changeTask(context, target, (task, now) => {
    const dueAt = input.dueAt === undefined ? task.dueAt : input.dueAt;
    if (dueAt === null && input.dueTimeZone != null)
      throw badInput('dueTimeZone: needs dueAt', [{ field: 'dueTimeZone', message: 'needs dueAt' }]);
    const dueTimeZone = input.dueTimeZone === undefined ? task.dueTimeZone : input.dueTimeZone;
    return {
      topic: 'task.updated',
      task: {
        ...task,
        title: input.title ?? task.title,
        description: input.description === undefined ? task.description : input.description,
        priority: input.priority ?? task.priority,
        tags: input.tags ?? task.tags,
        dueAt,
        dueTimeZone: dueAt === null ? null : dueTimeZone,
        checklist: input.checklist ? checklistFrom(input.checklist, task.checklist) : task.checklist,
        updatedAt: now,
        version: task.version + 1,
      },
    };
  });
};
