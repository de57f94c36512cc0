import type { Order } from '@todo/service/paging';
import { rankOf } from '../entity.ts';
import type { TaskOrder } from '../generated/resolvers.ts';
import type { TaskDocument } from '../task.ts';

type Direction = Order<TaskDocument>['direction'];
type Field = Pick<Order<TaskDocument>, 'type' | 'key' | 'keyOf'>;

/** What stands for no due date: it comes last in this direction. */
const never = (direction: Direction) => (direction === 'asc' ? 'infinity' : '-infinity');

/** Due dates in SQL, as the index for a direction has them. */
export const dueKey = (alias: string, direction: Direction): string =>
  `coalesce(${alias}.due_at, '${never(direction)}'::timestamptz)`;

/** How each field orders tasks: by what its index has. */
const fields: Record<TaskOrder['field'], (direction: Direction) => Field> = {
  CREATED_AT: () => ({
    type: 'timestamptz',
    key: (alias) => `${alias}.created_at`,
    keyOf: (task) => task.createdAt,
  }),
  UPDATED_AT: () => ({
    type: 'timestamptz',
    key: (alias) => `${alias}.updated_at`,
    keyOf: (task) => task.updatedAt,
  }),
  DUE_AT: (direction) => ({
    type: 'timestamptz',
    key: (alias) => dueKey(alias, direction),
    keyOf: (task) => task.dueAt ?? never(direction),
  }),
  PRIORITY: () => ({
    type: 'smallint',
    key: (alias) => `${alias}.priority`,
    keyOf: (task) => rankOf(task.priority),
  }),
};

/** An order of tasks. */
export type TaskListOrder = Order<TaskDocument> & { field: TaskOrder['field'] };

/** The order that a list is asked for in. */
export function orderOf({ field, direction: wanted }: TaskOrder): TaskListOrder {
  const direction = wanted === 'DESC' ? 'desc' : 'asc';
  return { field, name: `${field} ${direction}`, direction, ...fields[field](direction) };
}
