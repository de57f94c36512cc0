import type { OptimisticMutationResolver } from '@urql/exchange-graphcache';
import { TaskCardFragmentDoc, type TaskCardFragment, type TaskStatus } from '../generated/operations.ts';

type Args = Record<string, unknown>;
type Resolver = OptimisticMutationResolver;

const change = (args: Args, cache: Parameters<Resolver>[1], fields: Partial<TaskCardFragment>) => {
  const task = cache.readFragment(TaskCardFragmentDoc, { __typename: 'Task', id: args['id'] as string } as never);
  // What is not on the page is not shown before it is answered.
  if (!task) return null as never;
  return {
    ...(task as TaskCardFragment),
    __typename: 'Task',
    ...fields,
    version: (task as TaskCardFragment).version + 1,
  };
};

/** A task as it is once it has another status. */
export const optimisticStatus =
  (status: TaskStatus): Resolver =>
  (args, cache) =>
    change(args, cache, { status }) as never;

/** A task as it is once it is edited. */
export const optimisticTask: Resolver = (args, cache) => {
  const { checklist, ...given } = args['input'] as Partial<TaskCardFragment>;
  // New items have no ids yet.
  const known = checklist?.every(({ id }) => id) ? { checklist } : {};
  const fields = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return change(args, cache, { ...fields, ...known }) as never;
};
