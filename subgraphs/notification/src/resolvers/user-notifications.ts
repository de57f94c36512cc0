import { requireIdentity } from '@todo/service/errors';
import { pageArguments, toConnection } from '@todo/service/paging';
import { fromRow, NotificationRow } from '../entity.ts';
import type { UserResolvers } from '../generated/resolvers.ts';

/** A user's feed, newest first. It is for that user alone: the reference itself proves nothing. */
export const notifications: UserResolvers['notifications'] = async (user, args, context) => {
  const { sub: ownerId } = requireIdentity(context);
  const { limit, where } = pageArguments(args);
  if (user.id !== ownerId) return toConnection([], args.first);
  const rows = await context.orm.em
    .fork()
    .find(NotificationRow, { ownerId, ...where }, { orderBy: { createdAt: 'desc', id: 'desc' }, limit });
  return toConnection(rows.map(fromRow), args.first);
};

export const unreadNotifications: UserResolvers['unreadNotifications'] = async (user, _args, context) => {
  const { sub: ownerId } = requireIdentity(context);
  if (user.id !== ownerId) return 0;
  return context.orm.em.fork().count(NotificationRow, { ownerId, readAt: null });
};
