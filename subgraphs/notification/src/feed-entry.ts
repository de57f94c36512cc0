import type { NotificationKind } from './generated/resolvers.ts';

/** A feed entry: one document in Dapr state, under `notification-<id>`. */
export type FeedEntry = {
  id: string;
  ownerId: string;
  taskId: string;
  kind: NotificationKind;
  message: string;
  createdAt: string;
  readAt: string | null;
};

/** Keys of feed entries; the SQL trigger goes by the same prefix. */
export const notificationKey = (id: string): string => `notification-${id}`;

/** Remembers that an event had its effect. */
export const processedKey = (eventId: string): string => `processed-${eventId}`;
