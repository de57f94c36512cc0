import { defineEntity, type InferEntity, p } from '@mikro-orm/core';
import type { NotificationKind } from './generated/resolvers.ts';
import type { FeedEntry } from './feed-entry.ts';

/** The read side of a feed entry: a row that the trigger on Dapr's state table keeps, in the same transaction. */
export const NotificationRow = defineEntity({
  name: 'NotificationRow',
  tableName: 'notification',
  properties: {
    id: p.string().primary(),
    ownerId: p.string(),
    taskId: p.string(),
    kind: p.string().$type<NotificationKind>(),
    message: p.text(),
    createdAt: p.datetime(3),
    readAt: p.datetime(3).nullable(),
  },
});

export function fromRow(row: InferEntity<typeof NotificationRow>): FeedEntry {
  return {
    id: row.id,
    ownerId: row.ownerId,
    taskId: row.taskId,
    kind: row.kind,
    message: row.message,
    createdAt: row.createdAt.toISOString(),
    readAt: row.readAt?.toISOString() ?? null,
  };
}
