import { z } from 'zod';
import { badInput } from './errors.ts';

/** The most that one page of any list holds. */
const MAX_PAGE = 100;

type Position = { at: Date; id: string };

/** MikroORM's condition for the rows behind a position, newest first. */
type Behind = { $or: [{ createdAt: { $lt: Date } }, { createdAt: Date; id: { $lt: string } }] };

const positionSchema = z.tuple([z.iso.datetime(), z.string().min(1).max(200)]);

/** An opaque cursor: where a row stands in a list that is ordered by time and id. */
export function encodeCursor({ createdAt, id }: { createdAt: string; id: string }): string {
  return Buffer.from(JSON.stringify([createdAt, id])).toString('base64url');
}

function decodeCursor(cursor: string): Position {
  try {
    const [at, id] = positionSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    return { at: new Date(at), id };
  } catch {
    throw badInput('after: not a cursor of this list', [{ field: 'after', message: 'not a cursor of this list' }]);
  }
}

const behind = ({ at, id }: Position): Behind => ({
  $or: [{ createdAt: { $lt: at } }, { createdAt: at, id: { $lt: id } }],
});

/**
 * Checks the arguments of a page, newest first. `limit` is one row more than asked for, which tells `toConnection`
 * whether there is a next page; `where` leaves out what comes before the page.
 * @throws BAD_USER_INPUT
 */
export function pageArguments(args: { first: number; after?: string | null }): {
  limit: number;
  where: Behind | object;
} {
  if (args.first < 1 || args.first > MAX_PAGE) {
    const message = `must be 1 to ${MAX_PAGE}`;
    throw badInput(`first: ${message}`, [{ field: 'first', message }]);
  }
  return { limit: args.first + 1, where: args.after == null ? {} : behind(decodeCursor(args.after)) };
}

/** The connection of one page, from up to `first + 1` rows in order. */
export function toConnection<T extends { createdAt: string; id: string }>(rows: T[], first: number) {
  const nodes = rows.slice(0, first);
  const edges = nodes.map((node) => ({ node, cursor: encodeCursor(node) }));
  return { nodes, edges, pageInfo: { hasNextPage: rows.length > first, endCursor: edges.at(-1)?.cursor ?? null } };
}
