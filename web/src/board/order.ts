import type { TaskCardFragment, TaskOrder, TaskPriority } from '../generated/operations.ts';

const RANKS: Record<TaskPriority, number> = { LOW: 0, NORMAL: 1, HIGH: 2, URGENT: 3 };

/** Compares tasks as the service orders them: those alike in the field by their ids; without a due date always last. */
export function inOrder({ field, direction = 'ASC' }: TaskOrder): (a: TaskCardFragment, b: TaskCardFragment) => number {
  const sign = direction === 'DESC' ? -1 : 1;
  return (a, b) => {
    if (field === 'DUE_AT' && (a.dueAt === null) !== (b.dueAt === null)) return a.dueAt ? -1 : 1;
    const [left, right] = [valueOf(a, field), valueOf(b, field)];
    if (left !== right) return left < right ? -sign : sign;
    return a.id < b.id ? -sign : a.id > b.id ? sign : 0;
  };
}

function valueOf(task: TaskCardFragment, field: TaskOrder['field']): number {
  if (field === 'PRIORITY') return RANKS[task.priority];
  if (field === 'DUE_AT') return task.dueAt ? Date.parse(task.dueAt) : 0;
  return Date.parse(field === 'CREATED_AT' ? task.createdAt : task.updatedAt);
}
