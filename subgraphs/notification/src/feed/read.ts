import type { MikroORM } from '@mikro-orm/postgresql';
import { fromRow, NotificationRow } from '../entity.ts';
import type { FeedEntry } from '../feed-entry.ts';

/** SQL: the entry is not older than what is kept. Dapr deletes what is within the hour. */
export const isKept = (alias: string): string => `${alias}.created_at > now() - interval '90 days'`;

/** The owner's entries by id, in this order: null where there is none, or it is somebody else's. */
export async function entriesById(
  orm: MikroORM,
  ownerId: string | undefined,
  ids: readonly string[],
): Promise<(FeedEntry | null)[]> {
  if (ownerId === undefined) return ids.map(() => null);
  const em = orm.em.fork();
  const rows = await em.execute<Record<string, unknown>[]>(
    `select n.* from json_array_elements_text(?::json) as wanted (id) join notification n on n.id = wanted.id
     where n.owner_id = ? and ${isKept('n')}`,
    [JSON.stringify(ids.filter(isStorable)), ownerId],
  );
  const found = new Map(rows.map((row) => fromRow(em.map(NotificationRow, row))).map((entry) => [entry.id, entry]));
  return ids.map((id) => found.get(id) ?? null);
}

/** PostgreSQL's text holds anything but U+0000 and unpaired surrogates. */
const isStorable = (id: string): boolean => !id.includes('\u0000') && id.isWellFormed();
