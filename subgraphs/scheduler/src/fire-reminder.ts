import { createEvent } from '@todo/service/events';
import { publish } from '@todo/service/publish';
import type { AppContext } from './context.ts';
import { reminderJob } from './jobs.ts';
import { remindersKey } from './reminder.ts';

/** The event that sets a job writes its reminder right after, or comes again soon: after this long it never will. */
const WRITTEN_BY_MS = 60 * 60 * 1000;

/**
 * A reminder's job has fired: publishes `task.reminder`. However often it fires, the event has the same id.
 * @throws where it must fire again: the task's document is not written yet, or the broker or the store is away
 */
export async function fireReminder(context: AppContext, job: string, data: unknown): Promise<void> {
  const { taskId, version, at } = reminderJob.parse(data);
  const key = remindersKey(taskId);
  const known = await context.state.get(key);
  if (!known || known.value.version < version) {
    if (Date.now() - Date.parse(at) < WRITTEN_BY_MS)
      throw new Error(`job ${job} fired before its reminder was written`);
    context.logger.warn({ job, at }, 'nobody knows of this reminder');
    return;
  }
  const { value: task, etag } = known;
  const reminder = task.reminders.find((one) => one.job === job);
  if (!reminder || reminder.firedAt) {
    context.logger.info({ job }, 'the reminder was taken back or sent before');
    return;
  }
  const firedAt = new Date().toISOString();
  const event = createEvent('task.reminder', {
    id: reminder.eventId,
    source: context.appId,
    subject: taskId,
    time: firedAt,
    data: {
      ownerId: task.ownerId,
      reminderId: reminder.id,
      title: task.title,
      dueAt: reminder.at,
      version: task.version,
    },
  });
  await publish(context.dapr, { topic: 'task.reminder', key: taskId, event });
  const reminders = task.reminders.map((one) => (one === reminder ? { ...one, firedAt } : one));
  await context.state.transact([{ op: 'replace', key, value: { ...task, reminders }, etag }]);
}
