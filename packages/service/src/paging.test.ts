import { describe, expect, it } from '@jest/globals';
import { encodeCursor, pageArguments, toConnection } from './paging.ts';

const rows = [3, 2, 1].map((n) => ({ id: `id-${n}`, createdAt: `2030-01-0${n}T00:00:00.000Z` }));

describe('toConnection', () => {
  it('says that there is a next page where one row more came than was asked for', () => {
    expect(toConnection(rows, 2)).toMatchObject({
      nodes: rows.slice(0, 2),
      pageInfo: { hasNextPage: true, endCursor: encodeCursor(rows[1] as (typeof rows)[0]) },
    });
  });

  it('has no end cursor on an empty page', () => {
    expect(toConnection([], 2)).toEqual({ nodes: [], edges: [], pageInfo: { hasNextPage: false, endCursor: null } });
  });
});

describe('pageArguments', () => {
  it('reads its own cursors', () => {
    const after = encodeCursor({ id: 'a', createdAt: '2030-01-01T00:00:00.000Z' });
    expect(pageArguments({ first: 5, after })).toEqual({
      limit: 6,
      where: {
        $or: [{ createdAt: { $lt: new Date('2030-01-01') } }, { createdAt: new Date('2030-01-01'), id: { $lt: 'a' } }],
      },
    });
  });

  it.each([
    [{ first: 0 }, 'first'],
    [{ first: 101 }, 'first'],
    [{ first: 1, after: 'nonsense' }, 'after'],
    [{ first: 1, after: Buffer.from('["x","y"]').toString('base64url') }, 'after'],
  ])('names the argument at fault: %j', (args, field) => {
    expect(() => pageArguments(args)).toThrow(
      expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT', fields: [expect.objectContaining({ field })] } }),
    );
  });
});
