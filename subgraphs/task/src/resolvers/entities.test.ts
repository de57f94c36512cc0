import { expect, it, jest } from '@jest/globals';
import type { GraphQLResolveInfo } from 'graphql';
import { type AppContext, requestContext } from '../context.ts';
import type { TaskDocument } from '../task.ts';
import { resolvers } from './index.ts';

const idOf = (n: number): string => `0198c0de-0000-7000-8000-${String(n).padStart(12, '0')}`;
const alice = { sub: 'alice', scopes: [], claims: {} };

/** Every second task is Bob's; there are 100. */
const getMany = jest.fn(async (keys: readonly string[]) => {
  const found = Array.from({ length: 100 }, (_, n) => ({ id: idOf(n), ownerId: n % 2 === 0 ? 'alice' : 'bob' }));
  return new Map(
    found.filter(({ id }) => keys.includes(`task-${id}`)).map((value) => [`task-${value.id}`, { value, etag: 'e' }]),
  );
});
const app = { state: { getMany } } as unknown as AppContext;

type Resolve = (reference: { id: string }, context: object, info: GraphQLResolveInfo) => Promise<TaskDocument | null>;

it('reads all tasks that a request refers to at once, the same ones once, and gives only those of the caller', async () => {
  const context = requestContext(app, { identity: alice, idempotencyKey: undefined, traceparent: undefined });
  const resolve = resolvers.Task?.__resolveReference as unknown as Resolve;
  const ids = [...Array.from({ length: 100 }, (_, n) => idOf(n)), idOf(0), idOf(777), 'nonsense'];
  const tasks = await Promise.all(ids.map((id) => resolve({ id }, context, {} as GraphQLResolveInfo)));
  expect(tasks.map((task) => task?.id ?? null)).toEqual(
    ids.map((id, n) => (n === 100 || (n < 100 && n % 2 === 0) ? id : null)),
  );
  expect(getMany).toHaveBeenCalledTimes(1);
  expect(getMany.mock.calls[0]?.[0]).toHaveLength(101);
});
