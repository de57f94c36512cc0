import type { Dapr } from '@todo/service/dapr';
import { z } from 'zod';

/** What a job carries. */
export const scheduledJob = z.object({ taskId: z.string() });

const TIMEOUT_MS = 5_000;

/** Sets a job that fires once at `at` (at once where that is past), replacing one of the same name. */
export async function setJob(dapr: Dapr, name: string, at: string, taskId: string): Promise<void> {
  const { status, body } = await dapr.send(`/v1.0/jobs/${name}`, {
    // Without maxRetries Dapr tries again until the app has answered 2xx.
    body: { dueTime: at, data: { taskId }, overwrite: true, failurePolicy: { constant: { interval: '2s' } } },
    timeoutMs: TIMEOUT_MS,
  });
  if (status !== 204) throw new Error(`setting job ${name}: status ${status}: ${body}`);
}

/** Takes a job back; one that is not there, or has fired, is fine. */
export async function deleteJob(dapr: Dapr, name: string): Promise<void> {
  const { status, body } = await dapr.send(`/v1.0/jobs/${name}`, { method: 'DELETE', timeoutMs: TIMEOUT_MS });
  if (status !== 204 && status !== 404) throw new Error(`deleting job ${name}: status ${status}: ${body}`);
}

const job = z.object({ dueTime: z.string() });

/** When a job is to fire: undefined where there is none of that name. */
export async function findJob(dapr: Dapr, name: string): Promise<{ dueAt: string } | undefined> {
  const { status, body } = await dapr.send(`/v1.0/jobs/${name}`, { method: 'GET', timeoutMs: TIMEOUT_MS });
  if (status === 200) return { dueAt: job.parse(JSON.parse(body)).dueTime };
  if (isMissing(status, body)) return undefined;
  throw new Error(`reading job ${name}: status ${status}: ${body}`);
}

/** Dapr answers 500 for a job that is not there. */
const isMissing = (status: number, body: string): boolean => status === 404 || /job not found/i.test(body);
