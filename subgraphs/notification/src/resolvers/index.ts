import { checkPageSize } from '@todo/service/paging';
import { DateTime } from '@todo/service/scalars';
import type { Resolvers } from '../generated/resolvers.ts';
import { everyKind } from '../recipient/preferences.ts';
import { deadLetter, deadLetters, discardDeadLetter, replayDeadLetter } from './dead-letters.ts';
import { markAllNotificationsRead, markNotificationRead } from './mark-read.ts';
import { notificationPreferences, updateNotificationPreferences } from './preferences.ts';
import { addPushSubscription, pushSubscriptions, removePushSubscription } from './push-subscriptions.ts';
import { notifications, unreadNotifications } from './user-notifications.ts';
import { addWebhook, removeWebhook, renewWebhookSecret, webhooks } from './webhooks.ts';

export const resolvers: Resolvers = {
  DateTime,
  Query: {
    webPushKey: (_, _args, context) => context.webPushKey ?? null,
    deadLetter,
    deadLetters,
  },
  Mutation: {
    markNotificationRead,
    markAllNotificationsRead,
    updateNotificationPreferences,
    addWebhook,
    renewWebhookSecret,
    removeWebhook,
    addPushSubscription,
    removePushSubscription,
    replayDeadLetter,
    discardDeadLetter,
  },
  User: {
    __resolveReference: ({ id }) => ({ id }),
    notifications,
    unreadNotifications,
    notificationPreferences,
    webhooks,
    pushSubscriptions,
  },
  Task: {
    __resolveReference: ({ id }) => ({ id }),
    notifications: ({ id: taskId }, { first }, context) => {
      checkPageSize(first, 'first');
      return context.byTask.load({ taskId, first });
    },
  },
  Notification: {
    __resolveReference: ({ id }, context) => context.notifications.load(id),
    task: ({ taskId }) => ({ id: taskId }),
    deliveries: ({ id }, _args, context) => context.deliveries.load(id),
  },
  NotificationPreferences: { kinds: everyKind },
  DeadLetter: { payloadTruncated: ({ payloadTruncated }) => payloadTruncated ?? false },
  Delivery: { nextAttemptAt: ({ dueAt }) => dueAt },
};
