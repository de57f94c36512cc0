import { cacheExchange, type Cache, type Data, type UpdateResolver } from '@urql/exchange-graphcache';
import { relayPagination } from '@urql/exchange-graphcache/extras';
import type { Exchange } from 'urql';
import type { TaskCardFragment, TaskChangedSubscription } from '../generated/operations.ts';
import { addToFeed, countRead } from './feed-lists.ts';
import type { Newest } from './newest.ts';
import { optimisticStatus, optimisticTask } from './optimistic.ts';
import { removeTask, showTask } from './task-lists.ts';

/** What has no id of its own belongs to the object that it is in. */
const EMBEDDED = [
  'TaskConnection',
  'TaskEdge',
  'PageInfo',
  'ChecklistItem',
  'TaskChange',
  'NotificationConnection',
  'NotificationPreferences',
  'NotificationCreated',
  'QuietHours',
  'KindPreference',
  'Report',
  'ReportFigures',
  'ReportFiguresOfPeriod',
  'ReportFiguresOfPriority',
  'ReportFiguresOfTag',
  'TimeToComplete',
  'Streaks',
  'RemovedEndpoint',
  'WebhookWithSecret',
  'TaskHistoryConnection',
  'TaskChangeRecord',
];
const embedded = Object.fromEntries(EMBEDDED.map((name) => [name, () => null]));

const DELETED = 'com.todo.task.deleted.v1';

/** The normalised cache: every list on the page follows each change at once, optimistic ones until they are answered. */
export function createCache(newest: Newest): Exchange {
  /** The changed task is what the field holds. */
  const show =
    (field: string): UpdateResolver<Data> =>
    (result, _args, cache, { optimistic }) => {
      const task = result[field] as TaskCardFragment | null;
      if (!task) return;
      if (!optimistic) newest.note(task.id, task);
      showTask(cache, task);
    };
  return cacheExchange({
    keys: embedded,
    resolvers: {
      Query: { tasks: relayPagination() },
      User: { notifications: relayPagination() },
      Task: { history: relayPagination() },
    },
    optimistic: {
      startTask: optimisticStatus('IN_PROGRESS'),
      completeTask: optimisticStatus('COMPLETED'),
      reopenTask: optimisticStatus('PENDING'),
      cancelTask: optimisticStatus('CANCELLED'),
      updateTask: optimisticTask,
      deleteTask: (args) => ({ __typename: 'DeletedTask', id: args['id'] as string }),
      markNotificationRead: (args) => ({
        __typename: 'Notification',
        id: args['id'] as string,
        readAt: new Date().toISOString(),
      }),
    },
    updates: {
      Query: {
        task: (result, args, cache) => {
          const task = result['task'] as Partial<TaskCardFragment> | null;
          if (!task) removeTask(cache, args['id'] as string);
          // Some queries ask for a part of a task that says nothing of its place.
          else if (task.version !== undefined) showTask(cache, task as TaskCardFragment);
        },
        tasks: (_result, _args, cache) => {
          for (const [id, task] of newest.recent()) {
            if (task) showTask(cache, task);
            else removeTask(cache, id);
          }
        },
      },
      Mutation: {
        createTask: show('createTask'),
        updateTask: show('updateTask'),
        startTask: show('startTask'),
        completeTask: show('completeTask'),
        reopenTask: show('reopenTask'),
        cancelTask: show('cancelTask'),
        deleteTask: (_result, args, cache) => removeTask(cache, args['id'] as string),
        markNotificationRead: (_result, _args, cache) => countRead(cache),
        markAllNotificationsRead: (_result, _args, cache) => forgetFeed(cache),
        updateNotificationPreferences: (_result, _args, cache) => forgetField(cache, 'notificationPreferences'),
      },
      Subscription: {
        taskChanged: (result, _args, cache) => {
          const { type, subject, task } = result['taskChanged'] as TaskChangedSubscription['taskChanged'];
          const isDeleted = type === DELETED;
          // Without the task it could not be read: whoever shows it asks again.
          if (!isDeleted && !task) return cache.invalidate({ __typename: 'Task', id: subject });
          newest.note(subject, isDeleted ? null : (task ?? null));
          if (isDeleted) removeTask(cache, subject);
          else if (task) showTask(cache, task);
        },
        notificationCreated: (result, _args, cache) => {
          const { notification } = result['notificationCreated'] as { notification: { id: string } | null };
          if (notification) addToFeed(cache, notification.id);
        },
      },
    },
  });
}

const forgetFeed = (cache: Cache): void => forgetField(cache, 'notifications');

function forgetField(cache: Cache, field: string): void {
  const me = cache.resolve('Query', 'me') as string | null;
  if (!me) return;
  for (const { fieldName, fieldKey } of cache.inspectFields(me))
    if (fieldName === field) cache.invalidate(me, fieldKey);
}
