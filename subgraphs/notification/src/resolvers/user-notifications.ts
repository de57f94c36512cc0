import { raw, sql } from '@mikro-orm/postgresql';
import { requireIdentity } from '@todo/service/errors';
import { isBehind, type Order, pageOf, rowsToRead, toConnection } from '@todo/service/paging';
import { fromRow, NotificationRow } from '../entity.ts';
import { isKept } from '../feed/read.ts';
import type { FeedEntry } from '../feed-entry.ts';
import type { UserResolvers } from '../generated/resolvers.ts';

const newestFirst: Order<FeedEntry> = {
  name: 'newest',
  direction: 'desc',
  type: 'timestamptz',
  key: (alias) => `${alias}.created_at`,
  keyOf: (entry) => entry.createdAt,
};

/** A user's feed, newest first. It is for that user alone: the reference itself proves nothing. */
export const notifications: UserResolvers['notifications'] = async (user, { unread, ...args }, context) => {
  const { sub: ownerId } = requireIdentity(context);
  const page = pageOf(args, newestFirst);
  if (user.id !== ownerId) return toConnection([], page);
  const em = context.orm.em.fork();
  const rows = await em.execute<Record<string, unknown>[]>(
    sql`select n.* from notification n
      where n.owner_id = ${ownerId} and ${isBehind(page, 'n')} and ${raw(isKept('n'))}
        ${raw(unread ? 'and n.read_at is null' : '')}
      order by n.created_at desc, n.id desc limit ${rowsToRead(page)}`,
  );
  return toConnection(
    rows.map((row) => fromRow(em.map(NotificationRow, row))),
    page,
  );
};

export const unreadNotifications: UserResolvers['unreadNotifications'] = async (user, _args, context) => {
  const { sub: ownerId } = requireIdentity(context);
  if (user.id !== ownerId) return 0;
  const [{ unread }] = await context.orm.em.fork().execute<[{ unread: number }]>(
    `select count(*)::integer as unread from notification n
     where n.owner_id = ? and n.read_at is null and ${isKept('n')}`,
    [ownerId],
  );
  return unread;
};
