import type { HandlersOf } from '@todo/service/subscriber';
import type { AppContext } from '../context.ts';
import { record } from './record.ts';

export const eventHandlers = (app: Pick<AppContext, 'orm'>): HandlersOf<'analytics-service'> => ({
  'task.created': { bulk: (events) => record(app, 'task.created', events) },
  'task.updated': { bulk: (events) => record(app, 'task.updated', events) },
  'task.completed': { bulk: (events) => record(app, 'task.completed', events) },
  'task.deleted': { bulk: (events) => record(app, 'task.deleted', events) },
});
