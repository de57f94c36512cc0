import type { TaskData } from '@todo/service/events';
import type { Answered } from '@todo/service/idempotency';

/** The truth about a task: one document in Dapr state, under `task-<id>`. */
export type TaskDocument = TaskData;

/** Keys of task documents; the SQL trigger goes by the same prefix. */
export const taskKey = (id: string): string => `task-${id}`;

/** What is in the service's state: tasks, and answers to mutations by their idempotency keys. The relay knows the outbox. */
export type TaskState = TaskDocument | Answered<TaskDocument> | Answered<null>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text can be a task's id at all; anything else is simply not found. */
export const isTaskId = (id: string): boolean => UUID.test(id);

/** Whether something is still to be done about a task. */
export const isOpen = ({ status }: Pick<TaskDocument, 'status'>): boolean =>
  status === 'PENDING' || status === 'IN_PROGRESS';
