import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { GraphQLResolveInfo } from 'graphql';
import type { RequestContext } from '../context.ts';
import { activity } from './activity.ts';

type Row = { ownerId: string; day: string; created: number; completed: number };
const find = jest.fn<(entity: unknown, where: object) => Promise<Row[]>>();
const context = {
  orm: { em: { fork: () => ({ find }) } },
  identity: { sub: 'alice', scopes: [], claims: {} },
} as unknown as RequestContext;

const of = (id: string, days: number) =>
  (activity as (user: object, args: object, context: RequestContext, info: GraphQLResolveInfo) => Promise<object[]>)(
    { id },
    { days },
    context,
    {} as GraphQLResolveInfo,
  );

beforeAll(() => {
  jest.useFakeTimers({ now: new Date('2030-03-01T00:30:00Z') });
});
afterAll(() => {
  jest.useRealTimers();
});
beforeEach(() => {
  find.mockReset().mockResolvedValue([]);
});

describe('activity', () => {
  it('has a row for every day in UTC, today first, across the end of a month', async () => {
    find.mockResolvedValue([{ ownerId: 'alice', day: '2030-02-28', created: 2, completed: 1 }]);
    expect(await of('alice', 3)).toEqual([
      { day: '2030-03-01', created: 0, completed: 0 },
      { day: '2030-02-28', created: 2, completed: 1 },
      { day: '2030-02-27', created: 0, completed: 0 },
    ]);
    expect(find.mock.calls[0]?.[1]).toEqual({ ownerId: 'alice', day: { $gte: '2030-02-27', $lte: '2030-03-01' } });
  });

  it("is nobody else's", async () => {
    expect(await of('bob', 3)).toEqual([]);
    expect(find).not.toHaveBeenCalled();
  });

  it.each([0, -1, 367])('refuses %i days', async (days) => {
    await expect(of('alice', days)).rejects.toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
  });
});
