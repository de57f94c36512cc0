import type { MikroORM } from '@mikro-orm/postgresql';
import { type Item, MAX_ITEMS } from '../deliveries/delivery.ts';
import { isKept } from '../feed/read.ts';
import type { NotificationKind } from '../generated/resolvers.ts';
import type { Frequency } from '../recipient/local-times.ts';

/** A recipient whose digest is due, and since when. */
export type DueRecipient = { key: string; since: string };

/** Recipients whose digests are due, the longest first, behind one of them or from the first on. */
export function dueRecipients(orm: MikroORM, limit: number, after?: DueRecipient): Promise<DueRecipient[]> {
  return orm.em.fork().execute<DueRecipient[]>(
    `select key, next_digest_at::text as since from recipient
     where next_digest_at <= now() and (next_digest_at, key) > (?::timestamptz, ?)
     order by next_digest_at, key limit ?`,
    [after?.since ?? '-infinity', after?.key ?? '', limit],
  );
}

/** What a digest tells: entries that it gathers, recorded between two instants by the database's clock. */
export async function gathered(
  orm: MikroORM,
  {
    ownerId,
    frequency,
    kinds,
    since,
    until,
  }: { ownerId: string; frequency: Frequency; kinds: readonly NotificationKind[]; since: string; until: string },
): Promise<{ count: number; items: Item[] }> {
  const rows = await orm.em.fork().execute<(Omit<Item, 'createdAt'> & { createdAt: Date | string; count: number })[]>(
    `select id as "notificationId", kind, task_id as "taskId", message, created_at as "createdAt",
       (count(*) over ())::integer as count
     from notification
     where owner_id = ? and digest = ? and recorded_at > ? and recorded_at <= ? and ${isKept('notification')}
       and kind in (select json_array_elements_text(?::json))
     order by recorded_at desc limit ?`,
    [ownerId, frequency, since, until, JSON.stringify(kinds), MAX_ITEMS],
  );
  const items = rows.map(({ notificationId, kind, taskId, message, createdAt }) => ({
    notificationId,
    kind,
    taskId,
    message,
    createdAt: new Date(createdAt).toISOString(),
  }));
  return { count: rows[0]?.count ?? 0, items };
}

/** Before when all that was recorded is there to be seen: transactions take less than this. */
export async function settledUntil(orm: MikroORM): Promise<string> {
  const [{ until }] = await orm.em
    .fork()
    .execute<[{ until: Date | string }]>(`select now() - interval '2 minutes' as until`);
  return new Date(until).toISOString();
}
