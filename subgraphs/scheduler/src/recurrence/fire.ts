import { StaleState } from '@todo/service/state';
import type { AppContext } from '../context.ts';
import { scheduledJob } from '../jobs.ts';
import { advance, end } from './advance.ts';
import { recurrenceJob, recurrenceKey, skipJob, type TaskRecurrence } from './series.ts';

/** An event says of every task that is no more what becomes of its series: after this long none will. */
const TOLD_BY_MS = 24 * 60 * 60 * 1000;
const ATTEMPTS = 5;

/**
 * The job of a series has fired: its task's date has come, so the next task is created. It may fire twice.
 * @throws where it must fire again
 */
export async function fireRecurrence(context: AppContext, job: string, data: unknown): Promise<void> {
  const { taskId } = scheduledJob.parse(data);
  for (let attempt = 1; ; attempt += 1) {
    const known = await context.documents.get<TaskRecurrence>(recurrenceKey(taskId));
    if (known?.value.state !== 'ACTIVE' || !isFor(known.value, job)) {
      context.logger.info({ job }, 'the series has moved on, or was changed');
      return;
    }
    try {
      const task = await context.tasks.load(taskId);
      if (task) await advance(context, known, new Date().toISOString(), { copyOf: taskId });
      else if (Date.now() - Date.parse(known.value.place.date) < TOLD_BY_MS)
        throw new Error(
          `task ${taskId} is not there: an event will say what became of it, or it is still being created`,
        );
      else {
        context.logger.warn({ job, taskId }, 'a series has ended: nobody knows its task');
        await end(context, known);
      }
      return;
    } catch (error) {
      if (!(error instanceof StaleState) || attempt === ATTEMPTS) throw error;
    }
  }
}

const isFor = (recurrence: TaskRecurrence, job: string): boolean =>
  job === recurrenceJob(recurrence) || (job === skipJob(recurrence) && recurrence.successor !== null);
