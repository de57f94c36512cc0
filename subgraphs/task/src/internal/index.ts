import type { InternalRoute } from '@todo/service/internal';
import type { AppContext } from '../context.ts';
import { occurrences } from './occurrences.ts';
import { tasksDue } from './tasks-due.ts';

/** What the scheduler, and nobody else, may ask this service. `app` is called once requests can be served. */
export const internalRoutes = (app: () => AppContext, schedulerAppId: string): InternalRoute[] => [
  tasksDue(app, schedulerAppId),
  occurrences(app, schedulerAppId),
];
