import type { HandlersOf } from '@todo/service/subscriber';
import type { AppContext } from '../context.ts';
import { addToFeed } from './add-to-feed.ts';
import { reminderMessage } from './reminder-message.ts';

/** Which events make a feed entry, and what it says. `app` is called once events can be handled. */
export const eventHandlers = (app: () => AppContext): HandlersOf<'notification-service'> => ({
  'task.created': (event) =>
    addToFeed(app(), event, { kind: 'TASK_CREATED', message: `You created “${event.data.title}”` }),
  'task.updated': (event) =>
    addToFeed(app(), event, { kind: 'TASK_UPDATED', message: `You changed “${event.data.title}”` }),
  'task.completed': (event) =>
    addToFeed(app(), event, { kind: 'TASK_COMPLETED', message: `You completed “${event.data.title}”` }),
  'task.deleted': (event) =>
    addToFeed(app(), event, { kind: 'TASK_DELETED', message: `You deleted “${event.data.title}”` }),
  'task.reminder': (event) => addToFeed(app(), event, { kind: 'TASK_REMINDER', message: reminderMessage(event.data) }),
});
