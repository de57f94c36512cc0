import { z } from 'zod';

/** Where a stream stands in a partition: everything below `offset` was taken. `mark` tells the record before it. */
export type Position = { offset: number; mark: number };

/** Positions by topic and partition; undefined where nothing is known. */
export type Positions = Map<string, (Position | undefined)[]>;

const VERSION = 1;
const MAX_LENGTH = 8192;
const position = z.tuple([z.number().int().min(0), z.number().int().min(0)]);
const body = z.tuple([z.literal(VERSION), z.number().int(), z.array(z.array(z.union([position, z.literal(0)])))]);

/**
 * A cursor for a stream over `topics`: opaque to clients. Offsets are the broker's, so it means the same on every replica;
 * the marks tell a topic that was made anew, whose offsets start again.
 */
export function encodeCursor(topics: readonly string[], positions: Positions): string {
  const parts = topics.map((topic) =>
    (positions.get(topic) ?? []).map((known) => (known ? [known.offset, known.mark] : 0)),
  );
  return Buffer.from(JSON.stringify([VERSION, markOf(topics.join(' ')), parts])).toString('base64url');
}

/** Reads a cursor; undefined where it is none of a stream over `topics`. */
export function decodeCursor(topics: readonly string[], cursor: unknown): Positions | undefined {
  if (typeof cursor !== 'string' || cursor.length > MAX_LENGTH) return undefined;
  let parsed;
  try {
    parsed = body.safeParse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    return undefined; // no cursor: the caller says so
  }
  if (!parsed.success) return undefined;
  const [, stream, parts] = parsed.data;
  if (stream !== markOf(topics.join(' ')) || parts.length !== topics.length) return undefined;
  return new Map(
    topics.map((topic, i) => [
      topic,
      (parts[i] ?? []).map((known) => (known === 0 ? undefined : { offset: known[0], mark: known[1] })),
    ]),
  );
}

/** A short fingerprint (FNV-1a, 32 bits). */
export function markOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
