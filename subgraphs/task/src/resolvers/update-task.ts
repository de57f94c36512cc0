import { badInput, parseInput, requireIdentity } from '@todo/service/errors';
import { changeTask } from '../change.ts';
import type { MutationResolvers } from '../generated/resolvers.ts';
import { updateTaskInput } from '../input.ts';

export const updateTask: MutationResolvers['updateTask'] = async (_, { id, input, expectedVersion }, context) => {
  const { sub: ownerId } = requireIdentity(context);
  const { title, description, dueAt } = parseInput(updateTaskInput, input);
  if (title === undefined && description === undefined && dueAt === undefined)
    throw badInput('input: name at least one field to change', [{ field: 'input', message: 'is empty' }]);
  return changeTask(context, { id, ownerId, expectedVersion }, (task, now) => ({
    topic: 'task.updated',
    task: {
      ...task,
      title: title ?? task.title,
      description: description === undefined ? task.description : description,
      dueAt: dueAt === undefined ? task.dueAt : dueAt,
      updatedAt: now,
      version: task.version + 1,
    },
  }));
};
