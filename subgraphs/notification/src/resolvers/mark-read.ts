import { requireIdentity } from '@todo/service/errors';
import { onceOf } from '@todo/service/idempotency';
import { markAllRead, markRead } from '../feed/mark-read.ts';
import type { MutationResolvers } from '../generated/resolvers.ts';

export const markNotificationRead: MutationResolvers['markNotificationRead'] = (_, args, context, info) => {
  requireIdentity(context);
  return markRead(context, args.id, onceOf(context, args, info));
};

export const markAllNotificationsRead: MutationResolvers['markAllNotificationsRead'] = (_, args, context, info) => {
  const { sub } = requireIdentity(context);
  return markAllRead(context, sub, args.until, onceOf(context, args, info));
};
