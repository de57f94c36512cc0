import type { TaskData } from '@todo/service/events';

/** The truth about a task: one document in Dapr state, under `task-<id>`. */
export type TaskDocument = TaskData;

/** Keys of task documents; the SQL trigger goes by the same prefix. */
export const taskKey = (id: string): string => `task-${id}`;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Whether a text can be a task's id at all; anything else is simply not found. */
export const isTaskId = (id: string): boolean => UUID.test(id);
