import type { HandlersOf } from '@todo/service/subscriber';
import type { AppContext } from '../context.ts';
import { onTaskChanged } from './on-task-changed.ts';

export const eventHandlers = (context: AppContext): HandlersOf<'scheduler-service'> => ({
  'task.created': (event) => onTaskChanged(context, event),
  'task.updated': (event) => onTaskChanged(context, event),
  'task.completed': (event) => onTaskChanged(context, event),
  'task.deleted': (event) => onTaskChanged(context, event),
});
