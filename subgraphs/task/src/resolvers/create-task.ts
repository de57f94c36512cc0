import { parseInput, requireIdentity } from '@todo/service/errors';
import { onceOf } from '@todo/service/idempotency';
import { v7 as uuidv7 } from 'uuid';
import { createTask as create } from '../change.ts';
import { checklistFrom } from '../checklist.ts';
import type { MutationResolvers } from '../generated/resolvers.ts';
import { createTaskInput } from '../input.ts';

export const createTask: MutationResolvers['createTask'] = async (_, args, context, info) => {
  const { sub: ownerId } = requireIdentity(context);
  const input = parseInput(createTaskInput, args.input);
  const now = new Date().toISOString();
  const task = {
    id: uuidv7(),
    ownerId,
    title: input.title,
    description: input.description ?? null,
    status: 'PENDING' as const,
    priority: input.priority,
    tags: input.tags,
    dueAt: input.dueAt ?? null,
    dueTimeZone: input.dueTimeZone ?? null,
    checklist: checklistFrom(input.checklist),
    createdAt: now,
    updatedAt: now,
    completedAt: null,
    version: 1,
  };
  return create(context, task, onceOf(context, args, info));
};
