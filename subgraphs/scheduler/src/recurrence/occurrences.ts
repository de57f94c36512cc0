import type { TaskData } from '@todo/service/events';
import { z } from 'zod';
import type { AppContext } from '../context.ts';
import type { TaskRecurrence } from './series.ts';

/** What the next task is a copy of: a task as an event has it, which may be gone by now, or one as the task service has it. */
export type Source = { task: TaskData } | { copyOf: string };

const answer = z.object({ id: z.string().nullable() });

const ANSWER_MS = 10_000;

/**
 * Has the task service create the task that a recurrence is for. Asked again for the same date of the series, it creates
 * nothing again.
 * @throws where it cannot be asked, or has no task to copy
 */
export async function createOccurrence(
  { dapr, taskAppId }: AppContext,
  { seriesId, taskId, ownerId, place, timeZone }: TaskRecurrence,
  source: Source,
): Promise<void> {
  const { status, body } = await dapr.send(`/v1.0/invoke/${taskAppId}/method/internal/occurrences`, {
    body: {
      key: `${seriesId}/${place.date}`,
      id: taskId,
      ownerId,
      dueAt: place.date,
      dueTimeZone: timeZone === 'UTC' ? null : timeZone,
      source: 'task' in source ? { task: copied(source.task) } : source,
    },
    timeoutMs: ANSWER_MS,
  });
  if (status !== 200 || answer.parse(JSON.parse(body)).id !== taskId)
    throw new Error(`creating the task of ${seriesId} at ${place.date}: status ${status}: ${body.slice(0, 500)}`);
}

function copied({ title, description, priority, tags, checklist }: TaskData) {
  return { title, description, priority, tags, checklist: checklist.map(({ text }) => ({ text })) };
}
