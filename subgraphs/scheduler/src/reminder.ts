import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import type { TaskFacts } from './task-service.ts';

/** A reminder of a task. At most one job of it is to come: `jobOf` names it. */
export type Reminder = {
  id: string;
  kind: 'DUE' | 'BEFORE_DUE' | 'AT';
  /** Whether it comes with every due date, by the service's settings. */
  automatic: boolean;
  /** Milliseconds before the due date: null for a time of its own. */
  beforeMs: number | null;
  /** The due date that `at` follows from: null for a time of its own. */
  dueAt: string | null;
  /** When it reminds: null as long as the due date is absent, or was too near when it was set. */
  at: string | null;
  snoozedFrom: string | null;
  /** Tells this setting of the reminder from all others, so that no name of a job is ever used for two. */
  revision: string;
  /** An automatic one that was taken back: it stays away until the due date changes. */
  cancelled: boolean;
  /** When sending it began: whoever finds a fresh one leaves it to the one who wrote it. */
  sendingSince: string | null;
  firedAt: string | null;
};
export type ReminderOfTask = Reminder & { taskId: string };

/** An answer that was given, kept here until it is kept by its idempotency key: see change-reminders.ts. */
export type UnfiledAnswer = { stateKey: string; fingerprint: string; answer: Reminder; givenAt: string };

/** What the scheduler knows of a task: one document in Dapr state, under `reminders-<task id>`. */
export type TaskSchedule = Omit<TaskFacts, 'id'> & {
  taskId: string;
  /** The task is no more. Remembered for a while, so that a late event does not bring its reminders back. */
  deleted: boolean;
  reminders: Reminder[];
  answers: UnfiledAnswer[];
};

export const scheduleKey = (taskId: string): string => `reminders-${taskId}`;

/** Dapr's name of the job that fires a reminder as it is set now; also the id of the event that it becomes. */
export const jobOf = ({ id, revision }: Reminder): string => `reminder-${id}-${revision}`;

export const newRevision = (): string => randomBytes(6).toString('hex');

/** Whether something is still to be done about the task: of no other task is anybody reminded. */
export const isOpen = ({ status, deleted }: Pick<TaskSchedule, 'status' | 'deleted'>): boolean =>
  !deleted && (status === 'PENDING' || status === 'IN_PROGRESS');

/** A reminder that has a job, which will fire at `at`. */
export type ReminderToCome = Reminder & { at: string };

export const isToCome = (task: TaskSchedule, reminder: Reminder): reminder is ReminderToCome =>
  reminder.at !== null && reminder.firedAt === null && !reminder.cancelled && isOpen(task);

/** A task's reminders to come, by the names of their jobs. */
export function toCome(task: TaskSchedule | undefined): Map<string, ReminderToCome> {
  if (!task) return new Map();
  return new Map(
    task.reminders
      .filter((reminder): reminder is ReminderToCome => isToCome(task, reminder))
      .map((reminder) => [jobOf(reminder), reminder]),
  );
}

/** A reminder that follows no setting yet: its time is still to be said. */
export const newReminder = (fields: Pick<Reminder, 'kind' | 'automatic' | 'beforeMs'>): Reminder => ({
  id: uuidv7(),
  ...fields,
  dueAt: null,
  at: null,
  snoozedFrom: null,
  revision: newRevision(),
  cancelled: false,
  sendingSince: null,
  firedAt: null,
});

/** How many sent reminders that were added are kept with a task: the newest. */
const KEPT_SENT = 20;

/** A task's reminders without the oldest of those that were added and sent. */
export function withoutOldest(reminders: Reminder[]): Reminder[] {
  const sent = reminders.filter(({ automatic, firedAt }) => !automatic && firedAt !== null);
  const oldest = new Set(sent.sort((a, b) => String(b.firedAt).localeCompare(String(a.firedAt))).slice(KEPT_SENT));
  return reminders.filter((reminder) => !oldest.has(reminder));
}
