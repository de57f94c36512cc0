import { StaleState, type Versioned } from '@todo/service/state';
import { v7 as uuidv7 } from 'uuid';
import type { AppContext } from '../context.ts';
import { hourKeyOf } from '../hints.ts';
import { deleteJob, setJob } from '../jobs.ts';
import { metrics } from '../metrics.ts';
import { nextAfter } from './dates.ts';
import { createOccurrence, type Source } from './occurrences.ts';
import { changeTo, type TaskRecurrence, recurrenceJob, recurrenceKey } from './series.ts';

/**
 * Moves a series on to its next task, which is created; null where there is no next date: then the series has ended.
 *
 * The next task's id and date are written down first, then its own recurrence, then the task is created under that id, and
 * only then is this recurrence marked: whoever comes here again, or at the same time, does the same, and what is missing.
 * @param after dates up to this instant are passed over
 * @param source what the next task is a copy of
 * @throws StaleState where the recurrence was changed by someone else: read it again
 */
export async function advance(
  context: AppContext,
  known: Versioned<TaskRecurrence>,
  after: string,
  source: Source,
): Promise<TaskRecurrence | null> {
  const decided = known.value.successor ? known : await decide(context, known, after);
  const current = decided?.value;
  if (!decided || !current?.successor) return null;
  const { taskId, place } = current.successor;
  const next: TaskRecurrence = {
    ...current,
    taskId,
    place,
    nextDate: nextAfter(current, place, place.date)?.date ?? null,
    exceptDates: current.exceptDates.filter((date) => date > place.date),
    version: 0,
    revision: 'next',
    successor: null,
  };
  await hintAtJobOf(context, next);
  await createOnce(context, next);
  await setJobOf(context, next);
  await createOccurrence(context, next, source);
  await context.documents.save(changeTo(decided, { state: 'MOVED' }));
  metrics.series.inc({ outcome: 'moved' });
  await dropJobOf(context, current);
  return next;
}

/** Ends a series. @throws StaleState */
export async function end(context: AppContext, known: Versioned<TaskRecurrence>): Promise<void> {
  await context.documents.save(changeTo(known, { state: 'ENDED' }));
  metrics.series.inc({ outcome: 'ended' });
  await dropJobOf(context, known.value);
}

/** Has the reconciler look after the job of a recurrence that has one: before the recurrence is written. */
export async function hintAtJobOf({ hints }: AppContext, recurrence: TaskRecurrence): Promise<void> {
  const { next, place, taskId } = recurrence;
  if (next === 'ON_TIME') await hints.addJob(recurrenceJob(recurrence), { taskId, at: place.date });
}

/** Sets the job of a recurrence that has one: after the recurrence was written, so that it finds it. */
export async function setJobOf({ dapr }: AppContext, recurrence: TaskRecurrence): Promise<void> {
  const { next, place, taskId } = recurrence;
  if (next === 'ON_TIME') await setJob(dapr, recurrenceJob(recurrence), place.date, taskId);
}

/** Takes the job of a recurrence back. Where that fails, it finds nothing to do when it fires. */
export async function dropJobOf({ dapr, hints, logger }: AppContext, recurrence: TaskRecurrence): Promise<void> {
  if (recurrence.next !== 'ON_TIME') return;
  const { taskId, place } = recurrence;
  const job = recurrenceJob(recurrence);
  try {
    await deleteJob(dapr, job);
    await hints.removeFrom(hourKeyOf(taskId, place.date), [job]);
  } catch (error) {
    logger.warn({ err: error, job }, 'a job stays until it fires');
  }
}

/** Writes down which task is next; or that the series has ended, and gives undefined. */
async function decide(
  context: AppContext,
  known: Versioned<TaskRecurrence>,
  after: string,
): Promise<Versioned<TaskRecurrence> | undefined> {
  const place = nextAfter(known.value, known.value.place, after);
  if (!place) {
    await end(context, known);
    return undefined;
  }
  await context.documents.save(changeTo(known, { successor: { taskId: uuidv7(), place } }));
  const decided = await context.documents.get<TaskRecurrence>(recurrenceKey(known.value.taskId));
  if (!decided?.value.successor) throw new StaleState('the recurrence was changed in between');
  return decided;
}

async function createOnce({ documents }: AppContext, next: TaskRecurrence): Promise<void> {
  try {
    await documents.save({ op: 'create', key: recurrenceKey(next.taskId), value: next });
  } catch (error) {
    // Someone was here before, and it may have moved on since.
    if (!(error instanceof StaleState)) throw error;
  }
}
