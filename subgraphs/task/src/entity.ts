import { defineEntity, p } from '@mikro-orm/core';

/** The read side of a task document: a row that the trigger on Dapr's state table keeps, in the same transaction. */
export const TaskRow = defineEntity({
  name: 'TaskRow',
  tableName: 'task',
  properties: {
    id: p.string().primary(),
    ownerId: p.string(),
    title: p.string(),
    description: p.text().nullable(),
    status: p.string().$type<'PENDING' | 'COMPLETED'>(),
    dueAt: p.datetime(3).nullable(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
    completedAt: p.datetime(3).nullable(),
    version: p.integer(),
  },
});
