import { isToCome, newReminder, newRevision, type Reminder, type TaskSchedule } from './reminder.ts';
import type { TaskFacts } from './task-service.ts';

/** A change of a task, or what it was found to be. */
export type TaskChange = {
  task: TaskFacts;
  deleted?: boolean;
  /** When it became so: a reminder whose time was past by then is left out. */
  at: string;
};

/**
 * What is known of a task after a change of it: the very same where the change is older than what is known. Reminders that
 * go by the due date follow it; one for each of `remindBefore` (milliseconds) comes with it.
 */
export function followTask(
  known: TaskSchedule | undefined,
  { task, deleted = false, at }: TaskChange,
  remindBefore: readonly number[],
): TaskSchedule {
  if (known && known.version >= task.version) return known;
  const { id: taskId, ...facts } = task;
  const next: TaskSchedule = { ...known, taskId, ...facts, deleted, answers: known?.answers ?? [], reminders: [] };
  if (deleted) return next;
  const before = new Map(known?.reminders.map((reminder) => [reminder.id, reminder]));
  next.reminders = [...added(known), ...automatic(known, task.dueAt, remindBefore)]
    .map((reminder) => followDueDate(reminder, task.dueAt, at))
    .map((reminder) => {
      const old = before.get(reminder.id);
      if (known && old && isToCome(known, old) && old.at === reminder.at) return reminder;
      // It was not to come, as long as the task was closed: what was missed by then is not made up for.
      if (reminder.firedAt === null && reminder.at !== null && reminder.at <= at) return { ...reminder, at: null };
      return isToCome(next, reminder) ? { ...reminder, revision: newRevision() } : reminder;
    });
  return next;
}

/** A task of which the task service knows no more: its event will say so, too. */
export const withoutTask = (known: TaskSchedule): TaskSchedule => ({ ...known, deleted: true, reminders: [] });

const added = (known: TaskSchedule | undefined): Reminder[] =>
  known?.reminders.filter((reminder) => !reminder.automatic) ?? [];

/** The automatic reminders of a due date: those that are there, and what is missing. */
function automatic(known: TaskSchedule | undefined, dueAt: string | null, remindBefore: readonly number[]): Reminder[] {
  if (dueAt === null) return [];
  return remindBefore.map(
    (beforeMs) =>
      known?.reminders.find((reminder) => reminder.automatic && reminder.beforeMs === beforeMs) ??
      newReminder({ kind: beforeMs === 0 ? 'DUE' : 'BEFORE_DUE', automatic: true, beforeMs }),
  );
}

/** A reminder that goes by the due date, at its time before another one: as new. Any other stays as it is. */
function followDueDate(reminder: Reminder, dueAt: string | null, now: string): Reminder {
  if (reminder.beforeMs === null || reminder.dueAt === dueAt) return reminder;
  const at = dueAt === null ? null : new Date(Date.parse(dueAt) - reminder.beforeMs).toISOString();
  return {
    ...reminder,
    dueAt,
    at: at !== null && at > now ? at : null,
    snoozedFrom: null,
    cancelled: false,
    sendingSince: null,
    firedAt: null,
  };
}
