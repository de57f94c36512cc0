import { describe, expect, it } from '@jest/globals';
import { encodeCursor, isBehind, type Order, pageOf, readDirection, rowsToRead, toConnection } from './paging.ts';

type Row = { id: string; createdAt: string };
const newest: Order<Row> = {
  name: 'newest',
  direction: 'desc',
  type: 'timestamptz',
  key: (alias) => `${alias}.created_at`,
  keyOf: (row) => row.createdAt,
};
const ranked: Order<{ id: string; rank: number }> = {
  name: 'rank',
  direction: 'asc',
  type: 'smallint',
  key: (alias) => `${alias}.rank`,
  keyOf: (row) => row.rank,
};
const rows = [3, 2, 1].map((n) => ({ id: `id-${n}`, createdAt: `2030-01-0${n}T00:00:00.000Z` }));
const cursor = (n: number): string => encodeCursor(rows[n] as Row, newest);
const forged = (...parts: unknown[]): string => Buffer.from(JSON.stringify(parts)).toString('base64url');

const part = (one: unknown): unknown => (one as { sql?: string }).sql ?? one;
const sqlOf = (args: object, order: Order<never>): unknown[] => {
  const page = pageOf(args, order);
  const { sql, params } = isBehind(page, 't');
  return [sql, params.map(part), readDirection(page).sql, rowsToRead(page)];
};

describe('toConnection', () => {
  it('says that there is a next page where one row more came than was asked for', () => {
    expect(toConnection(rows, pageOf({ first: 2 }, newest))).toMatchObject({
      nodes: rows.slice(0, 2),
      pageInfo: { hasNextPage: true, hasPreviousPage: false, startCursor: cursor(0), endCursor: cursor(1) },
    });
  });

  it('turns round what was read backward', () => {
    const page = pageOf({ last: 2, before: forged('newest', '2029-01-01T00:00:00.000Z', 'x') }, newest);
    const read = [...rows].reverse();
    expect(toConnection(read, page)).toMatchObject({
      nodes: [rows[1], rows[2]],
      pageInfo: { hasNextPage: true, hasPreviousPage: true, startCursor: cursor(1), endCursor: cursor(2) },
    });
    expect(toConnection(read.slice(0, 2), page).pageInfo.hasPreviousPage).toBe(false);
    expect(toConnection(read.slice(0, 2), pageOf({ last: 2 }, newest)).pageInfo.hasNextPage).toBe(false);
  });

  it('has no cursors on an empty page', () => {
    expect(toConnection([], pageOf({ first: 2 }, newest))).toEqual({
      nodes: [],
      edges: [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null },
    });
  });
});

describe('pageOf', () => {
  it.each([
    [{}, '>', 'asc', 21],
    [{ first: 5 }, '>', 'asc', 6],
    [{ last: 5 }, '<', 'desc', 6],
  ])('reads %j with %s, %s', (args, operator, direction, count) => {
    const from = forged('rank', 7, 'a');
    const at = 'last' in args ? { before: from } : { after: from };
    expect(sqlOf({ ...args, ...at }, ranked)).toEqual([
      '(?, ?.id) ? (?, ?)',
      ['t.rank', 't', operator, '?::?', 'a'],
      direction,
      count,
    ]);
    expect(sqlOf(args, ranked)).toEqual(['true', [], direction, count]);
  });

  it('reads its own cursors', () => {
    expect(pageOf({ first: 5, after: cursor(0) }, newest).from).toEqual({
      key: '2030-01-03T00:00:00.000Z',
      id: 'id-3',
    });
  });

  it.each([
    [{ first: 0 }, 'first'],
    [{ first: 101 }, 'first'],
    [{ last: -1 }, 'last'],
    [{ last: 101 }, 'last'],
    [{ first: 1, last: 1 }, 'last'],
    [{ first: 1, before: cursor(0) }, 'before'],
    [{ last: 1, after: cursor(0) }, 'after'],
    [{ after: cursor(0), before: cursor(0) }, 'before'],
    [{ after: 'nonsense' }, 'after'],
    [{ before: '' }, 'before'],
    [{ after: forged('rank', 1, 'a') }, 'after'],
    [{ after: forged('newest', 1, 'a') }, 'after'],
    [{ after: forged('newest', 'tomorrow', 'a') }, 'after'],
    [{ after: forged('newest', '0000-01-01T00:00:00Z', 'a') }, 'after'],
    [{ after: forged('newest', '2030-01-01T00:00:00Z', '\u0000') }, 'after'],
    [{ after: forged('newest', '2030-01-01T00:00:00Z', 'a', 'b') }, 'after'],
  ])('names the argument at fault: %j', (args, field) => {
    expect(() => pageOf(args, newest)).toThrow(
      expect.objectContaining({ extensions: { code: 'BAD_USER_INPUT', fields: [expect.objectContaining({ field })] } }),
    );
  });

  it('refuses a rank that its column cannot hold', () => {
    expect(() => pageOf({ after: forged('rank', 40_000, 'a') }, ranked)).toThrow(/after/);
  });
});
