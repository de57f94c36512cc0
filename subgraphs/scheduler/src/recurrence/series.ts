import type { DocumentWrite } from '@todo/service/documents';
import type { Versioned } from '@todo/service/state';
import { REMEMBER_SECONDS } from '@todo/service/topics';
import type { Place, Schedule } from './dates.ts';

/**
 * What the scheduler knows of a task that recurs: one document in Dapr state, under `recurrence-<task id>`, for each task
 * of a series.
 */
export type TaskRecurrence = Schedule & {
  /** The same for all tasks of a series. */
  seriesId: string;
  taskId: string;
  ownerId: string;
  /** When the next task is created: once this one is completed, or once its date has come. */
  next: 'ON_COMPLETION' | 'ON_TIME';
  /** The date that the task stands for, whatever its due date is changed to. */
  place: Place;
  /** The date after it: null for none. Where it passes before the next task is created, that is for a later one. */
  nextDate: string | null;
  /** The task's version that this was set for, 0 for all of them: older news are no news. */
  version: number;
  /** Tells this setting from others of the same task. */
  revision: string;
  /** The next task, from the moment that it is decided on: whoever finds it here sees to it that it is created. */
  successor: { taskId: string; place: Place } | null;
  /** Of a series that has moved on to the successor or has ended, this is kept for as long as an event can come again. */
  state: 'ACTIVE' | 'MOVED' | 'ENDED';
};

export const recurrenceKey = (taskId: string): string => `recurrence-${taskId}`;

/** Dapr's name of the job that creates the next task where that is to be ON_TIME. */
export const recurrenceJob = ({ taskId, revision }: TaskRecurrence): string => `recurrence-${taskId}-${revision}`;

/** Dapr's name of the job that sees to it that what `skipOccurrence` began gets to its end. */
export const skipJob = (recurrence: TaskRecurrence): string => `${recurrenceJob(recurrence)}-skip`;

/** Whether a job is one of a series. */
export const isRecurrenceJob = (name: string): boolean => name.startsWith('recurrence-');

/** What is to become of the job of a series, by the document that it is for. */
export function wantedForSeries(job: string, known: TaskRecurrence | undefined): { at: string } | 'done' | 'unknown' {
  if (!known || recurrenceJob(known) !== job) return 'unknown';
  return known.state === 'ACTIVE' ? { at: known.place.date } : 'done';
}

/** The write of a changed recurrence: one that is over goes away when no event of it can come any more. */
export function changeTo(known: Versioned<TaskRecurrence>, change: Partial<TaskRecurrence>): DocumentWrite {
  const value = { ...known.value, ...change };
  const write = { op: 'replace' as const, key: recurrenceKey(value.taskId), value, etag: known.etag };
  return value.state === 'ACTIVE' ? write : { ...write, ttlSeconds: REMEMBER_SECONDS };
}
