import type { Dapr } from '@todo/service/dapr';
import { z } from 'zod';

/** What a reminder's job carries. */
export const reminderJob = z.object({ taskId: z.string(), version: z.number().int() });
export type ReminderJob = z.infer<typeof reminderJob>;

/** Sets a job that fires once at `at` (an instant; at once where that is past), replacing one of the same name. */
export async function setJob(dapr: Dapr, name: string, at: string, data: ReminderJob): Promise<void> {
  const { status, body } = await dapr.send(`/v1.0/jobs/${name}`, {
    // Without maxRetries Dapr tries again until the app has answered 2xx.
    body: { dueTime: at, data, overwrite: true, failurePolicy: { constant: { interval: '2s' } } },
  });
  if (status !== 204) throw new Error(`setting job ${name}: status ${status}: ${body}`);
}

/** Takes a job back; one that is not there, or has fired, is fine. */
export async function deleteJob(dapr: Dapr, name: string): Promise<void> {
  const { status, body } = await dapr.send(`/v1.0/jobs/${name}`, { method: 'DELETE' });
  if (status !== 204 && status !== 404) throw new Error(`deleting job ${name}: status ${status}: ${body}`);
}
