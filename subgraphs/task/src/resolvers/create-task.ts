import { parseInput, requireIdentity } from '@todo/service/errors';
import { v7 as uuidv7 } from 'uuid';
import { commit } from '../change.ts';
import type { MutationResolvers } from '../generated/resolvers.ts';
import { createTaskInput } from '../input.ts';

export const createTask: MutationResolvers['createTask'] = async (_, args, context) => {
  const { sub: ownerId } = requireIdentity(context);
  const input = parseInput(createTaskInput, args.input);
  const now = new Date().toISOString();
  const task = {
    id: uuidv7(),
    ownerId,
    title: input.title,
    description: input.description ?? null,
    status: 'PENDING' as const,
    dueAt: input.dueAt ?? null,
    createdAt: now,
    updatedAt: now,
    completedAt: null,
    version: 1,
  };
  return commit(context, { topic: 'task.created', task }, (key, value) => ({ op: 'create', key, value }));
};
