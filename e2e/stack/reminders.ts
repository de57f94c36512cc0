import { ok } from './graphql.ts';
import { app } from './ready.ts';
import type { User } from './user.ts';

/** The instant so many seconds from now. */
export const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();

/** Whether an event of `taskReminder` is about a task. */
export const reminded =
  (id: string) =>
  (data: any): boolean =>
    data.taskReminder.task?.id === id;

export type Reminder = {
  id: string;
  kind: string;
  at: string | null;
  firedAt: string | null;
  snoozedFrom: string | null;
};

/** A task's reminders, as its owner sees them. */
export async function remindersOf(user: User, id: string): Promise<Reminder[]> {
  const query = `query ($id: ID!) { task(id: $id) { reminders { id kind at firedAt snoozedFrom } } }`;
  return (await ok(user, query, { id })).task.reminders;
}

/** Asks the scheduler's sidecar, as the scheduler does. */
export async function schedulerSidecar(
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: any }> {
  const { daprHttpPort, daprApiToken } = app('scheduler-service');
  const response = await fetch(`http://127.0.0.1:${daprHttpPort}${path}`, {
    method,
    headers: { 'content-type': 'application/json', 'dapr-api-token': daprApiToken },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

/** Calls one of the scheduler's own routes, as its sidecar does. */
export async function asSidecar(path: string, body?: unknown): Promise<number> {
  const { port, appApiToken } = app('scheduler-service');
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'dapr-api-token': appApiToken },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return response.status;
}

/** The names of a task's jobs to come, each with its time: as the scheduler's state says. */
export async function jobsOf(taskId: string): Promise<{ name: string; at: string }[]> {
  const { body } = await schedulerSidecar('GET', `/v1.0/state/scheduler-state/reminders-${taskId}`);
  return (body?.reminders ?? [])
    .filter((one: any) => one.at !== null && one.firedAt === null && !one.cancelled)
    .map((one: any) => ({ name: `reminder-${one.id}-${one.revision}`, at: one.at }));
}
