import type { Dapr } from '@todo/service/dapr';
import { z } from 'zod';

/** What a reminder's job carries. */
export const reminderJob = z.object({ taskId: z.string(), version: z.number().int(), at: z.iso.datetime() });
export type ReminderJob = z.infer<typeof reminderJob>;

/** The job of the reminder that a version of a task set. */
export const jobName = (taskId: string, version: number): string => `reminder-${taskId}-${version}`;

/** Sets a job that fires once at `data.at` (at once where that is past), replacing one of the same name. */
export async function setJob(dapr: Dapr, name: string, data: ReminderJob): Promise<void> {
  const { status, body } = await dapr.send(`/v1.0/jobs/${name}`, {
    // Without maxRetries Dapr tries again until the app has answered 2xx.
    body: { dueTime: data.at, data, overwrite: true, failurePolicy: { constant: { interval: '2s' } } },
  });
  if (status !== 204) throw new Error(`setting job ${name}: status ${status}: ${body}`);
}

/** Takes a job back; one that is not there, or has fired, is fine. */
export async function deleteJob(dapr: Dapr, name: string): Promise<void> {
  const { status, body } = await dapr.send(`/v1.0/jobs/${name}`, { method: 'DELETE' });
  if (status !== 204 && status !== 404) throw new Error(`deleting job ${name}: status ${status}: ${body}`);
}
