import type { AppContext } from '../context.ts';
import { type Hint, type Hints, hourKey } from '../hints.ts';
import { deleteJob, findJob, setJob } from '../jobs.ts';
import { metrics } from '../metrics.ts';
import { isRecurrenceJob, recurrenceKey, type TaskRecurrence, wantedForSeries } from '../recurrence/series.ts';
import { jobOf, scheduleKey, type TaskSchedule, toCome } from '../reminder.ts';
import { SHARDS_PER_STEP, STEPS_PER_HOUR } from './progress.ts';

export type Repairs = { checked: number; missing: number; stale: number; orphaned: number };

const DOCUMENTS_AT_ONCE = 100;
const JOBS_AT_ONCE = 8;
/** A hint is written before its reminder: one that is younger than this, in milliseconds, may get it yet. */
const GRACE_MS = 5 * 60 * 1000;
/** What the names of two instants may differ by, in milliseconds: Dapr may give another notation back. */
const SAME_MS = 1000;

/**
 * Compares one step's hints with the tasks and with Dapr's jobs, and puts right what differs.
 * @param found is added to
 * @returns whether reminders whose time is past are still to come
 */
export async function repairStep(context: AppContext, step: number, found: Repairs): Promise<boolean> {
  const hour = Math.floor(step / STEPS_PER_HOUR);
  const first = (step % STEPS_PER_HOUR) * SHARDS_PER_STEP;
  const keys = Array.from({ length: SHARDS_PER_STEP }, (_, i) => hourKey(hour, first + i));
  let overdue = false;
  for (const [key, { value: hints }] of await context.documents.getMany<Hints>(keys)) {
    const entries = Object.entries(hints);
    const done: string[] = [];
    for (let i = 0; i < entries.length; i += DOCUMENTS_AT_ONCE) {
      const some = entries.slice(i, i + DOCUMENTS_AT_ONCE);
      const documents = await context.documents.getMany([
        ...new Set(some.map(([job, { taskId }]) => keyOf(job, taskId))),
      ]);
      for (let j = 0; j < some.length; j += JOBS_AT_ONCE)
        await Promise.all(
          some.slice(j, j + JOBS_AT_ONCE).map(async ([job, hint]) => {
            const wanted = wantedFor(job, documents.get(keyOf(job, hint.taskId))?.value);
            const outcome = await repair(context, job, hint, wanted, found);
            if (outcome === 'done') done.push(job);
            if (outcome === 'overdue') overdue = true;
          }),
        );
    }
    if (done.length > 0) await context.hints.removeFrom(key, done);
  }
  return overdue;
}

/** What becomes of a job, by the document that it is for: it fires at a time; it did what it was for; nobody knows of it. */
type Wanted = { at: string } | 'done' | 'unknown';

const keyOf = (job: string, taskId: string): string =>
  isRecurrenceJob(job) ? recurrenceKey(taskId) : scheduleKey(taskId);

const wantedFor = (job: string, document: unknown): Wanted =>
  isRecurrenceJob(job)
    ? wantedForSeries(job, document as TaskRecurrence | undefined)
    : wantedForReminder(job, document as TaskSchedule | undefined);

function wantedForReminder(job: string, task: TaskSchedule | undefined): Wanted {
  const reminder = toCome(task).get(job);
  if (reminder) return reminder;
  return task?.reminders.some((one) => one.firedAt !== null && jobOf(one) === job) ? 'done' : 'unknown';
}

/** Puts one job right. `done`: the hint is of no use any more. */
async function repair(
  context: AppContext,
  job: string,
  { taskId, at, since }: Hint,
  wanted: Wanted,
  found: Repairs,
): Promise<'done' | 'overdue' | 'waits'> {
  const { dapr } = context;
  // Dapr took it away.
  if (wanted === 'done') return 'done';
  if (wanted === 'unknown') {
    if (Date.now() - Date.parse(since) < GRACE_MS) return 'waits';
    found.checked += 1;
    if (await findJob(dapr, job)) {
      await deleteJob(dapr, job);
      tell(context, found, 'orphaned', { job, taskId });
    }
    return 'done';
  }
  found.checked += 1;
  const known = await findJob(dapr, job);
  if (!known || Math.abs(Date.parse(known.dueAt) - Date.parse(at)) > SAME_MS) {
    await setJob(dapr, job, wanted.at, taskId);
    tell(context, found, known ? 'stale' : 'missing', { job, taskId, at });
  }
  return Date.parse(at) < Date.now() ? 'overdue' : 'waits';
}

function tell({ logger }: AppContext, found: Repairs, kind: 'missing' | 'stale' | 'orphaned', what: object): void {
  found[kind] += 1;
  metrics.repairs.inc({ kind });
  logger.warn({ kind, ...what }, 'a job was put right');
}
