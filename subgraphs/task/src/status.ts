import { badInput } from '@todo/service/errors';
import type { TaskDocument } from './task.ts';

export type Status = TaskDocument['status'];

export const statuses = ['PENDING', 'IN_PROGRESS', 'COMPLETED', 'CANCELLED'] as const satisfies Status[];

/** What a task's status may become. */
const transitions: Record<Status, readonly Status[]> = {
  PENDING: ['IN_PROGRESS', 'COMPLETED', 'CANCELLED'],
  IN_PROGRESS: ['PENDING', 'COMPLETED', 'CANCELLED'],
  COMPLETED: ['PENDING'],
  CANCELLED: ['PENDING'],
};

/**
 * A task with another status, one version later; null where it has that status already.
 * @throws BAD_USER_INPUT where the one status may not follow the other
 */
export function withStatus(task: TaskDocument, status: Status, now: string): TaskDocument | null {
  if (task.status === status) return null;
  if (!transitions[task.status].includes(status))
    throw badInput(`a task that is ${task.status} cannot become ${status}`, [
      { field: 'id', message: `is ${task.status}, which cannot become ${status}` },
    ]);
  const completedAt = status === 'COMPLETED' ? now : null;
  return { ...task, status, completedAt, updatedAt: now, version: task.version + 1 };
}
