/** A reminder of a task, and the job that will fire it. */
export type Reminder = {
  id: string;
  at: string;
  /** Dapr's name of the job: unique for each revision of the task that set it. */
  job: string;
  /** The id of the event that the reminder becomes: the same however often the job fires. */
  eventId: string;
  firedAt: string | null;
};

/** What the scheduler knows of a task: one document in Dapr state, under `reminders-<task id>`. */
export type TaskReminders = {
  taskId: string;
  ownerId: string;
  title: string;
  /** The task's version that this follows from: events of older ones come too late. */
  version: number;
  reminders: Reminder[];
};

export const remindersKey = (taskId: string): string => `reminders-${taskId}`;
