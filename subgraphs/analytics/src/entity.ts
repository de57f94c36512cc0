import { defineEntity, p } from '@mikro-orm/core';
import type { TaskData } from '@todo/service/events';

/** What became of a task at one of its versions. */
export const TaskChangeRow = defineEntity({
  name: 'TaskChangeRow',
  tableName: 'task_change',
  properties: {
    taskId: p.string().primary(),
    version: p.bigint('number').primary(),
    at: p.datetime(3).primary(),
    /** The event's. */
    id: p.string(),
    ownerId: p.string(),
    kind: p.string().$type<'CREATED' | 'UPDATED' | 'COMPLETED' | 'DELETED'>(),
    status: p.string().$type<TaskData['status']>(),
    priority: p.string().$type<TaskData['priority']>(),
    tags: p.array(),
    dueAt: p.datetime(3).nullable(),
  },
});
