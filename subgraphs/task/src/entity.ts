import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { TaskDocument } from './task.ts';

/** Priorities in their order; the projection keeps their places, from 1. */
const priorities = ['LOW', 'NORMAL', 'HIGH', 'URGENT'] as const satisfies TaskDocument['priority'][];

/** What a priority is in SQL. */
export const rankOf = (priority: TaskDocument['priority']): number => priorities.indexOf(priority) + 1;

/**
 * The read side of a task document: a row that the trigger on Dapr's state table keeps, in the same transaction. Its
 * column `search` stays in the database.
 */
export const TaskRow = defineEntity({
  name: 'TaskRow',
  tableName: 'task',
  properties: {
    id: p.string().primary(),
    ownerId: p.string(),
    title: p.string(),
    description: p.text().nullable(),
    status: p.string().$type<TaskDocument['status']>(),
    priority: p.smallint(),
    tags: p.array(),
    dueAt: p.datetime(3).nullable(),
    dueTimeZone: p.string().nullable(),
    checklist: p.json<TaskDocument['checklist']>(),
    createdAt: p.datetime(3),
    updatedAt: p.datetime(3),
    completedAt: p.datetime(3).nullable(),
    version: p.integer(),
  },
});

/** The task of a row. */
export function fromRow(row: InferEntity<typeof TaskRow>): TaskDocument {
  return {
    id: row.id,
    ownerId: row.ownerId,
    title: row.title,
    description: row.description ?? null,
    status: row.status,
    priority: priorities[row.priority - 1] ?? 'NORMAL',
    tags: row.tags,
    dueAt: row.dueAt?.toISOString() ?? null,
    dueTimeZone: row.dueTimeZone ?? null,
    checklist: row.checklist,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    completedAt: row.completedAt?.toISOString() ?? null,
    version: row.version,
  };
}
