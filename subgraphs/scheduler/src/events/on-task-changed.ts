import type { DomainEvent } from '@todo/service/events';
import { changeSchedule, settleJobs } from '../change-schedule.ts';
import type { AppContext } from '../context.ts';
import { followTask } from '../follow-task.ts';
import { recurOnTaskChanged } from '../recurrence/on-task-changed.ts';

type TaskEvent = DomainEvent<'task.created' | 'task.updated' | 'task.completed' | 'task.deleted'>;

/**
 * Brings a task's reminders and their jobs in line with the task. Events may come late and more than once: the task's
 * version decides.
 */
export async function onTaskChanged(context: AppContext, event: TaskEvent): Promise<void> {
  const { id, ownerId, title, status, dueAt, dueTimeZone, version } = event.data;
  const change = {
    task: { id, ownerId, title, status, dueAt, dueTimeZone, version },
    deleted: event.type === 'com.todo.task.deleted.v1',
    at: event.time,
  };
  const { before, after } = await changeSchedule(context, id, (known) =>
    followTask(known, change, context.remindBefore),
  );
  // An event that is here again may have failed at its jobs: then all that are to come are set.
  await settleJobs(context, { before: before === after ? undefined : before, after });
  await recurOnTaskChanged(context, event);
}
