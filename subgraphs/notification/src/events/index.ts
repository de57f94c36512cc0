import type { EventData } from '@todo/service/events';
import type { BulkHandler, HandlersOf } from '@todo/service/subscriber';
import { shortened } from '../channels/texts.ts';
import type { AppContext } from '../context.ts';
import type { NotificationKind } from '../generated/resolvers.ts';
import { addToFeed, type FeedTopic } from './add-to-feed.ts';
import { reminderMessage } from './reminder-message.ts';

/** More than a task's title may have: whatever comes, an entry is small. */
const MAX_TITLE = 300;

/** Which events make a feed entry, and what it says. `app` is called once events can be handled. */
export function eventHandlers(app: () => AppContext): HandlersOf<'notification-service'> {
  const tell = <T extends FeedTopic>(
    kind: NotificationKind,
    messageOf: (data: EventData<T>) => string,
  ): BulkHandler<T> => ({
    bulk(events) {
      const told = events.map((event) => {
        const title = shortened(event.data.title, MAX_TITLE);
        return { event, kind, message: messageOf({ ...event.data, title }) };
      });
      return addToFeed(app(), told);
    },
  });
  return {
    'task.created': tell('TASK_CREATED', ({ title }) => `You created “${title}”`),
    'task.updated': tell('TASK_UPDATED', ({ title }) => `You changed “${title}”`),
    'task.completed': tell('TASK_COMPLETED', ({ title }) => `You completed “${title}”`),
    'task.deleted': tell('TASK_DELETED', ({ title }) => `You deleted “${title}”`),
    'task.reminder': tell<'task.reminder'>('TASK_REMINDER', reminderMessage),
  };
}
