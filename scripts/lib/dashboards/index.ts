import { dapr } from './dapr.ts';
import { events } from './events.ts';
import { gateway } from './gateway.ts';
import { tasks } from './tasks.ts';

/** All dashboards, by the names of their files. */
export const dashboards = { gateway, tasks, events, dapr };
