import { topics } from '@todo/service/topics';
import { app } from '../../stack/ready.ts';

export const JSON_TYPE = { 'content-type': 'application/json' };
export const SERVICES = ['task-service', 'scheduler-service', 'notification-service', 'analytics-service'];
export const APPS = ['api-gateway', ...SERVICES];
export const tokenOf = (id: string): Record<string, string> => ({ 'dapr-api-token': app(id).daprApiToken });

/** What an app serves to its sidecar or to one other app. */
export const ROUTES = [
  ...topics.map(({ name }) => `/events/${name}`),
  '/job/reminder-1-1',
  '/job/recurrence-1',
  '/bindings/reconcile',
  '/internal/tasks/due',
  '/internal/occurrences',
];

export const event = (ownerId: string) => ({
  specversion: '1.0',
  id: `forged-${ownerId}`,
  source: 'task-service',
  type: 'com.todo.task.created.v1',
  time: new Date().toISOString(),
  subject: 'forged-task',
  data: { id: 'forged-task', ownerId, version: 1, title: 'Forged' },
});
export const AS_DELIVERED = {
  __topic: 'task.created',
  __partition: '0',
  __offset: '999999',
  pubsubname: 'task-events',
};
