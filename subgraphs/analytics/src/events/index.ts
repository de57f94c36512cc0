import type { HandlersOf } from '@todo/service/subscriber';
import type { AppContext } from '../context.ts';
import { count } from './count.ts';

export const eventHandlers = (context: AppContext): HandlersOf<'analytics-service'> => ({
  'task.created': (event) => count(context, event, 'created'),
  'task.completed': (event) => count(context, event, 'completed'),
});
