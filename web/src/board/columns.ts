import type { TaskStatus } from '../generated/operations.ts';

/** The columns of the board, from left to right. */
export const COLUMNS: { status: TaskStatus; title: string }[] = [
  { status: 'PENDING', title: 'To do' },
  { status: 'IN_PROGRESS', title: 'In progress' },
  { status: 'COMPLETED', title: 'Done' },
  { status: 'CANCELLED', title: 'Cancelled' },
];

const TARGETS: Record<TaskStatus, TaskStatus[]> = {
  PENDING: ['IN_PROGRESS', 'COMPLETED', 'CANCELLED'],
  IN_PROGRESS: ['PENDING', 'COMPLETED', 'CANCELLED'],
  COMPLETED: ['PENDING'],
  CANCELLED: ['PENDING'],
};

/** Where a task may go from its status. */
export const targetsOf = (status: TaskStatus): TaskStatus[] => TARGETS[status];

export const titleOf = (status: TaskStatus): string => COLUMNS.find((each) => each.status === status)?.title ?? status;
