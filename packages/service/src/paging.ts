import { raw, type RawQueryFragment, sql } from '@mikro-orm/core';
import { z } from 'zod';
import { wrongField } from './errors.ts';

/** The most that one page of any list holds, and how much it holds where nobody says. */
const MAX_PAGE = 100;
const DEFAULT_PAGE = 20;

/** What rows are ordered by: an instant (RFC 3339, or "infinity" with its sign), or a whole number. */
type Key = string | number;

/** An order of a list: by a key that is never null, then by id in the same direction. An index must have it. */
export type Order<Row> = {
  /** Tells the cursors of this order from those of others. */
  name: string;
  direction: 'asc' | 'desc';
  type: 'timestamptz' | 'smallint' | 'bigint';
  /** The key in SQL, of the table with an alias. */
  key: (alias: string) => string;
  keyOf: (row: Row) => Key;
};

/** The arguments of a connection, as the schema has them. */
export type PageArguments = {
  first?: number | null;
  after?: string | null;
  last?: number | null;
  before?: string | null;
};

/** A page that was asked for: `size` rows forward from a position, or backward. */
export type Page<Row> = {
  order: Order<Row>;
  size: number;
  isBackward: boolean;
  /** The row that the page begins behind; the list's end where there is none. */
  from: Position | undefined;
};

type Position = { key: Key; id: string };

const keys = {
  timestamptz: z.union([
    z.iso.datetime().refine((text) => !text.startsWith('0000')),
    z.literal('infinity'),
    z.literal('-infinity'),
  ]),
  smallint: z.int().min(-32_768).max(32_767),
  bigint: z.int(),
};
const idSchema = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\x21-\x7e]+$/);

/** An opaque cursor: where a row stands in a list of this order. */
export function encodeCursor<Row extends { id: string }>(row: Row, order: Order<Row>): string {
  return Buffer.from(JSON.stringify([order.name, order.keyOf(row), row.id])).toString('base64url');
}

function decodeCursor(cursor: string, field: string, { name, type }: Order<never>): Position {
  try {
    const schema = z.tuple([z.literal(name), keys[type], idSchema]);
    const [, key, id] = schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    return { key, id };
  } catch {
    throw wrongField(field, 'is no cursor of this list in this order');
  }
}

/**
 * Checks the arguments of a page: `first` with `after`, or `last` with `before`.
 * @throws BAD_USER_INPUT that names the argument
 */
export function pageOf<Row>(args: PageArguments, order: Order<Row>): Page<Row> {
  const { first, after, last, before } = args;
  if (first != null && last != null) throw wrongField('last', 'cannot be given together with first');
  if (after != null && before != null) throw wrongField('before', 'cannot be given together with after');
  if (first != null && before != null) throw wrongField('before', 'goes with last, not with first');
  if (last != null && after != null) throw wrongField('after', 'goes with first, not with last');
  const isBackward = last != null || before != null;
  const size = (isBackward ? last : first) ?? DEFAULT_PAGE;
  checkPageSize(size, isBackward ? 'last' : 'first');
  const field = isBackward ? 'before' : 'after';
  const cursor = isBackward ? before : after;
  return { order, size, isBackward, from: cursor == null ? undefined : decodeCursor(cursor, field, order) };
}

/** @throws BAD_USER_INPUT that names the argument where a list of this length is none to ask for */
export function checkPageSize(size: number, field: string): void {
  if (size < 1 || size > MAX_PAGE) throw wrongField(field, `must be 1 to ${MAX_PAGE}`);
}

/** SQL: the rows behind the page's cursor. A row comparison, which is a range of the order's index. */
export function isBehind<Row>({ order, isBackward, from }: Page<Row>, alias: string): RawQueryFragment {
  if (!from) return sql`true`;
  const operator = raw((order.direction === 'asc') === isBackward ? '<' : '>');
  const key = sql`${from.key}::${raw(order.type)}`;
  return sql`(${raw(order.key(alias))}, ${raw(alias)}.id) ${operator} (${key}, ${from.id})`;
}

/** SQL: the direction in which the page's rows are read, which `toConnection` expects them in. */
export function readDirection<Row>({ order, isBackward }: Page<Row>): RawQueryFragment {
  return raw((order.direction === 'asc') === isBackward ? 'desc' : 'asc');
}

/** How many rows to read: one more than asked for tells whether there is another page. */
export const rowsToRead = ({ size }: Pick<Page<never>, 'size'>): number => size + 1;

/** The connection of one page, from up to `rowsToRead` rows as they were read. */
export function toConnection<Row extends { id: string }>(rows: readonly Row[], page: Page<Row>) {
  const { order, size, isBackward, from } = page;
  const nodes = rows.slice(0, size);
  if (isBackward) nodes.reverse();
  const edges = nodes.map((node) => ({ node, cursor: encodeCursor(node, order) }));
  // What the cursor stands for lies on the other side.
  const [isMore, isCursor] = [rows.length > size, from !== undefined];
  return {
    nodes,
    edges,
    pageInfo: {
      hasNextPage: isBackward ? isCursor : isMore,
      hasPreviousPage: isBackward ? isMore : isCursor,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}
