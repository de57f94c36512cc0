import type { DomainEvent } from '@todo/service/events';
import type { StateOperation } from '@todo/service/state';
import { REMEMBER_SECONDS } from '@todo/service/topics';
import { v7 as uuidv7 } from 'uuid';
import type { AppContext } from '../context.ts';
import { deleteJob, jobName, setJob } from '../jobs.ts';
import { type Reminder, remindersKey, type TaskReminders } from '../reminder.ts';

type TaskEvent = DomainEvent<'task.created' | 'task.updated' | 'task.completed' | 'task.deleted'>;

/** How many reminders that were sent are kept with a task: the newest. */
const KEPT = 20;

/** Brings a task's reminders and their jobs in line with the task: one at the due date of an open task. */
export async function onTaskChanged(context: AppContext, event: TaskEvent): Promise<void> {
  const task = event.data;
  const key = remindersKey(task.id);
  const known = await context.state.get(key);
  if (known && known.value.version >= task.version) {
    // Too late. Where this event set a job before and could not write it down, nobody else knows of that job.
    const job = jobName(task.id, task.version);
    if (!known.value.reminders.some((reminder) => reminder.job === job)) await deleteJob(context.dapr, job);
    return;
  }

  const deleted = event.type === 'com.todo.task.deleted.v1';
  const fired = known?.value.reminders.filter((reminder) => reminder.firedAt) ?? [];
  const pending = known?.value.reminders.filter((reminder) => !reminder.firedAt) ?? [];
  // A due date that was past already when it was set is no reason to remind; one that passed on the way here is.
  const at = !deleted && task.status === 'PENDING' && task.dueAt && task.dueAt > event.time ? task.dueAt : undefined;
  const kept = pending.filter((reminder) => reminder.at === at);
  // The task was changed about when it fell due: it has been reminded of.
  const sent = fired.some((reminder) => reminder.at === at);
  if (at && kept.length === 0 && !sent) {
    const reminder: Reminder = {
      id: uuidv7(),
      at,
      job: jobName(task.id, task.version),
      eventId: uuidv7(),
      firedAt: null,
    };
    // The job first: where the document cannot be written, the event comes again and sets the same job again.
    await setJob(context.dapr, reminder.job, { taskId: task.id, version: task.version, at });
    kept.push(reminder);
  }

  const value: TaskReminders = {
    taskId: task.id,
    ownerId: task.ownerId,
    title: task.title,
    version: task.version,
    reminders: deleted ? [] : [...fired.slice(-KEPT), ...kept],
  };
  // A deleted task is remembered, so that an event of it that comes late does not bring its reminders back.
  const ttl = deleted ? { ttlSeconds: REMEMBER_SECONDS } : {};
  const write: StateOperation = known
    ? { op: 'replace', key, value, etag: known.etag, ...ttl }
    : { op: 'create', key, value, ...ttl };
  await context.state.transact([write]);
  // Last: a job that stays where this fails finds no reminder when it fires, and does nothing.
  for (const reminder of pending) if (!kept.includes(reminder)) await deleteJob(context.dapr, reminder.job);
}
