import type { MikroORM } from '@mikro-orm/postgresql';
import type { LoggedDelivery } from '../context.ts';

/** How many deliveries of a notification are told: more than a user can have addresses. */
const MAX = 20;

/** The log of each of the notifications, oldest first: one statement. The caller has seen to whose they are. */
export async function deliveriesByNotification(orm: MikroORM, ids: readonly string[]): Promise<LoggedDelivery[][]> {
  const rows = await orm.em.fork().execute<(LoggedDelivery & { notificationId: string; dueAt: Date | null })[]>(
    `select d.* from json_array_elements_text(?::json) as wanted (id)
     cross join lateral (
       select id, notification_id as "notificationId", channel, status, due_at as "dueAt", attempts
       from delivery where notification_id = wanted.id order by id limit ${MAX}
     ) d`,
    [JSON.stringify(ids)],
  );
  const byNotification = Map.groupBy(rows, ({ notificationId }) => notificationId);
  return ids.map((id) =>
    (byNotification.get(id) ?? []).map(({ dueAt, ...row }) => ({
      ...row,
      dueAt: dueAt === null ? null : new Date(dueAt).toISOString(),
    })),
  );
}
