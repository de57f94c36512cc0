import { createEvent } from '@todo/service/events';
import { publish } from '@todo/service/publish';
import { changeSchedule, settleJobs } from './change-schedule.ts';
import type { AppContext } from './context.ts';
import { followTask, withoutTask } from './follow-task.ts';
import { scheduledJob } from './jobs.ts';
import { metrics } from './metrics.ts';
import { jobOf, type Reminder, type ReminderToCome, type TaskSchedule, toCome, withoutOldest } from './reminder.ts';

/** Sending takes milliseconds: who began longer ago than this did not get to its end. */
const SENDING_MS = 10_000;

/**
 * A reminder's job has fired: publishes `task.reminder`, where the reminder still stands and the task service says that the
 * task is open and due as before. It is published once however often the job fires; where the service ends in between, it
 * may be published again, under the same id.
 * @throws where the job must fire again: the task service, the broker or the store is away, or another delivery is at it
 */
export async function fireReminder(context: AppContext, job: string, data: unknown): Promise<void> {
  try {
    const outcome = await fire(context, job, scheduledJob.parse(data).taskId);
    metrics.fired.inc({ outcome });
    if (outcome === 'superseded') context.logger.info({ job }, 'the reminder was taken back, moved or sent before');
  } catch (error) {
    metrics.fired.inc({ outcome: 'failed' });
    throw error;
  }
}

async function fire(context: AppContext, job: string, taskId: string): Promise<'sent' | 'superseded'> {
  const task = await context.tasks.load(taskId);
  const begun = await changeSchedule(context, taskId, (known) => {
    if (!known || !toCome(known).has(job)) return undefined;
    // What the task is by now may be said by an event that is not here yet.
    const at = new Date().toISOString();
    const current = task ? followTask(known, { task, at }, context.remindBefore) : withoutTask(known);
    const { sendingSince } = toCome(current).get(job) ?? {};
    if (sendingSince && Date.parse(at) - Date.parse(sendingSince) < SENDING_MS)
      throw new Error(`${job} is being sent by another delivery`);
    return withReminder(current, job, (reminder) => ({ ...reminder, sendingSince: at }));
  });
  if (begun.before !== begun.after) await settleJobs(context, begun);
  const reminder = begun.before === begun.after ? undefined : toCome(begun.after).get(job);
  if (!begun.after || !reminder) return 'superseded';

  const firedAt = await send(context, begun.after, reminder, job).catch(async (error: unknown) => {
    // So that the next delivery need not wait.
    await change(context, taskId, job, { sendingSince: null });
    throw error;
  });
  await change(context, taskId, job, { sendingSince: null, firedAt });
  metrics.lateness.observe((Date.parse(firedAt) - Date.parse(reminder.at)) / 1000);
  return 'sent';
}

/** Publishes the event; when that was. */
async function send(context: AppContext, task: TaskSchedule, reminder: ReminderToCome, job: string): Promise<string> {
  const { taskId, ownerId, title, dueAt, version } = task;
  const time = new Date().toISOString();
  const event = createEvent('task.reminder', {
    id: job,
    source: context.appId,
    subject: taskId,
    time,
    data: { ownerId, reminderId: reminder.id, kind: reminder.kind, title, remindAt: reminder.at, dueAt, version },
  });
  await publish(context.dapr, { topic: 'task.reminder', key: taskId, event });
  return time;
}

const change = (context: AppContext, taskId: string, job: string, fields: Partial<Reminder>) =>
  changeSchedule(
    context,
    taskId,
    (known) => known && withReminder(known, job, (reminder) => ({ ...reminder, ...fields })),
  );

/** The task with the reminder of that job changed: the very same where there is none. */
function withReminder(task: TaskSchedule, job: string, update: (reminder: Reminder) => Reminder): TaskSchedule {
  if (!task.reminders.some((reminder) => jobOf(reminder) === job)) return task;
  const reminders = task.reminders.map((reminder) => (jobOf(reminder) === job ? update(reminder) : reminder));
  return { ...task, reminders: withoutOldest(reminders) };
}
