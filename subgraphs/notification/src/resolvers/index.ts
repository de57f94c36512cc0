import { checkPageSize } from '@todo/service/paging';
import { DateTime } from '@todo/service/scalars';
import type { Resolvers } from '../generated/resolvers.ts';
import { notifications, unreadNotifications } from './user-notifications.ts';

export const resolvers: Resolvers = {
  DateTime,
  User: {
    __resolveReference: ({ id }) => ({ id }),
    notifications,
    unreadNotifications,
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
  },
};
