import { notFound, requireIdentity } from '@todo/service/errors';
import { onceOf } from '@todo/service/idempotency';
import { formatDuration } from '@todo/service/scalars';
import { answerBefore, changeReminders } from '../change-reminders.ts';
import { changeSchedule, settleJobs } from '../change-schedule.ts';
import type { RequestContext } from '../context.ts';
import { followTask } from '../follow-task.ts';
import type { MutationResolvers } from '../generated/resolvers.ts';
import { newReminder, type Reminder, type TaskSchedule } from '../reminder.ts';
import { mustBeOpen, oneOf, wrong } from './reminder-input.ts';

/** How many added reminders of a task may be to come. */
const MAX_TO_COME = 20;

export const addReminder: MutationResolvers['addReminder'] = async (_, args, context, info) => {
  const { sub: ownerId } = requireIdentity(context);
  const { taskId } = args;
  oneOf(args, 'at', 'before');
  const once = onceOf(context, args, info);
  const earlier = await answerBefore(context, once);
  if (earlier) return { ...earlier, taskId };
  await learnOf(context, taskId, ownerId);
  return changeReminders(context, { taskId, ownerId, once }, (task, now) => {
    mustBeOpen(task);
    if (task.reminders.filter(({ automatic, firedAt }) => !automatic && firedAt === null).length >= MAX_TO_COME)
      throw wrong('taskId', `has ${MAX_TO_COME} reminders to come: cancel one first`);
    const answer = reminderOf(task, args, now);
    return { reminders: [...task.reminders, answer], answer };
  });
};

function reminderOf(
  { dueAt }: TaskSchedule,
  { at, before }: { at?: string | null; before?: number | null },
  now: Date,
): Reminder {
  if (at != null) {
    if (at <= now.toISOString()) throw wrong('at', 'must be a time to come');
    return { ...newReminder({ kind: 'AT', automatic: false, beforeMs: null }), at };
  }
  const beforeMs = before ?? 0;
  if (dueAt === null) throw wrong('before', 'the task has no due date');
  const time = new Date(Date.parse(dueAt) - beforeMs).toISOString();
  if (time <= now.toISOString()) throw wrong('before', `${formatDuration(beforeMs)} before the due date is past`);
  return {
    ...newReminder({ kind: beforeMs === 0 ? 'DUE' : 'BEFORE_DUE', automatic: false, beforeMs }),
    dueAt,
    at: time,
  };
}

/** A task of a moment ago, or its new due date, may be known here only later: the task service is asked. @throws NOT_FOUND */
async function learnOf(context: RequestContext, taskId: string, ownerId: string): Promise<void> {
  const task = await context.tasks.load(taskId);
  if (!task || task.ownerId !== ownerId) throw notFound(`there is no task ${taskId}`);
  const change = await changeSchedule(context, taskId, (known) =>
    followTask(known, { task, at: new Date().toISOString() }, context.remindBefore),
  );
  if (change.before === change.after) return;
  // The event of the task sets what cannot be set now.
  await settleJobs(context, change).catch((error: unknown) =>
    context.logger.warn({ err: error, taskId }, 'jobs could not be set or deleted, the event will'),
  );
}
