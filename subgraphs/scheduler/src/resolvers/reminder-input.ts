import { badInput } from '@todo/service/errors';
import { isOpen, type Reminder, type TaskSchedule } from '../reminder.ts';

export const wrong = (field: string, message: string) => badInput(`${field}: ${message}`, [{ field, message }]);

/** Checks that one of two arguments is given, and not both. @throws BAD_USER_INPUT */
export function oneOf(args: Record<string, unknown>, a: string, b: string): void {
  const given = [a, b].filter((name) => args[name] != null);
  if (given.length !== 1) {
    const message = given.length === 0 ? `say ${a} or ${b}` : `say ${a} or ${b}, not both`;
    throw badInput(
      message,
      [a, b].map((field) => ({ field, message })),
    );
  }
}

/** Checks that the task is one to be reminded of. @throws BAD_USER_INPUT */
export function mustBeOpen(task: TaskSchedule): void {
  if (!isOpen(task)) throw wrong('taskId', `is ${task.status}: only open tasks are reminded of`);
}

/**
 * Whether users see a reminder: what was sent, and, of open tasks, what is to come. An automatic one that was cancelled, or
 * whose time was past when it would have been set, is remembered only.
 */
export const visible = (task: TaskSchedule, { automatic, cancelled, at, firedAt }: Reminder): boolean =>
  firedAt !== null || (isOpen(task) && !cancelled && !(automatic && at === null));
