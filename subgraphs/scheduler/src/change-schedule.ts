import { StaleState } from '@todo/service/state';
import { REMEMBER_SECONDS } from '@todo/service/topics';
import type { AppContext } from './context.ts';
import { deleteJob, setJob } from './jobs.ts';
import { jobOf, type ReminderToCome, scheduleKey, type TaskSchedule, toCome } from './reminder.ts';

const ATTEMPTS = 10;

/** A task's document before a change and after it: the same object where nothing was written. */
export type ScheduleChange = { before: TaskSchedule | undefined; after: TaskSchedule | undefined };

/**
 * Changes a task's document, and the hints at its reminders: those at new ones first, the document, then away with those at
 * old ones. Wherever it ends in between, a reminder to come has its hints. The jobs are left to `settleJobs`.
 * @param decide what to make of the document; it is asked again where someone else changed it meanwhile. Undefined, or the
 *   very same, changes nothing
 * @throws StaleState where others change it all the time
 */
export async function changeSchedule(
  context: Pick<AppContext, 'documents' | 'hints'>,
  taskId: string,
  decide: (known: TaskSchedule | undefined) => TaskSchedule | undefined | Promise<TaskSchedule | undefined>,
): Promise<ScheduleChange> {
  const key = scheduleKey(taskId);
  for (let attempt = 1; ; attempt += 1) {
    const known = await context.documents.get<TaskSchedule>(key);
    const before = known?.value;
    const after = await decide(before);
    if (!after || after === before) return { before, after: before };
    const added = missingFrom(toCome(after), toCome(before));
    await context.hints.add(after, added);
    const ttl = after.deleted ? { ttlSeconds: REMEMBER_SECONDS } : {};
    try {
      await context.documents.save(
        known
          ? { op: 'replace', key, value: after, etag: known.etag, ...ttl }
          : { op: 'create', key, value: after, ...ttl },
      );
    } catch (error) {
      // The names of its jobs are used by nobody else.
      await context.hints.remove(after, added);
      if (!(error instanceof StaleState) || attempt === ATTEMPTS) throw error;
      continue;
    }
    // Hints at what was sent stay where they are: their hour is over, and the reconciler takes them away together.
    if (before) await context.hints.remove(before, missingFrom(toCome(before), toCome(after), sent(after)));
    return { before, after };
  }
}

/**
 * Brings Dapr's jobs in line with a change that was written: only then, so that a job never fires before its reminder is
 * there. What is left undone where this fails, the reconciler does.
 */
export async function settleJobs({ dapr }: Pick<AppContext, 'dapr'>, { before, after }: ScheduleChange): Promise<void> {
  const [old, current] = [toCome(before), toCome(after)];
  const taskId = after?.taskId ?? '';
  await Promise.all([
    ...missingFrom(current, old).map((reminder) => setJob(dapr, jobOf(reminder), reminder.at, taskId)),
    ...missingFrom(old, current, sent(after)).map((reminder) => deleteJob(dapr, jobOf(reminder))),
  ]);
}

const missingFrom = (
  these: Map<string, ReminderToCome>,
  ...others: { has(job: string): boolean }[]
): ReminderToCome[] =>
  [...these].filter(([job]) => !others.some((jobs) => jobs.has(job))).map(([, reminder]) => reminder);

/** Jobs that did what they were for. */
const sent = (task: TaskSchedule | undefined): Set<string> =>
  new Set(task?.reminders.filter(({ firedAt }) => firedAt !== null).map(jobOf));
