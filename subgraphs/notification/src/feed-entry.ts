import { createHash } from 'node:crypto';
import type { Digest, NotificationKind } from './generated/resolvers.ts';

/** A feed entry: one document in Dapr state, under `notification-<id>`. */
export type FeedEntry = {
  id: string;
  ownerId: string;
  taskId: string;
  kind: NotificationKind;
  message: string;
  createdAt: string;
  /** When it was read by itself; the read side also knows when it was read with all others. */
  readAt: string | null;
};

/** What the document says beside: the digest that gathers it, `NONE` where there is none. Those from before say nothing. */
export type FeedDocument = FeedEntry & { digest?: Digest };

/** How long entries are kept, and what was sent of them: 90 days. */
export const FEED_SECONDS = 90 * 24 * 60 * 60;

/** How long an entry still has, in seconds: 0 where it should be gone. */
export const secondsLeft = ({ createdAt }: Pick<FeedEntry, 'createdAt'>, now: number): number =>
  Math.max(0, Math.ceil((Date.parse(createdAt) - now) / 1000) + FEED_SECONDS);

/** Keys of feed entries; the SQL trigger goes by the same prefix. */
export const notificationKey = (id: string): string => `notification-${id}`;

/** Remembers that an event had its effect. */
export const processedKey = (eventId: string): string => `processed-${eventId}`;

/** Up to when a user has read the whole feed: one document, which the SQL trigger applies to the entries there are. */
export type FeedRead = { ownerId: string; until: string; at: string };

/** A user's id may hold what keys may not. */
export const feedReadKey = (ownerId: string): string =>
  `feed-read-${createHash('sha256').update(ownerId).digest('base64url')}`;
