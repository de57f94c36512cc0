import { notFound } from '@todo/service/errors';
import type { Once } from '@todo/service/idempotency';
import { changeOnce, writeOf } from '../change-once.ts';
import type { RequestContext } from '../context.ts';
import {
  type FeedDocument,
  type FeedEntry,
  type FeedRead,
  feedReadKey,
  notificationKey,
  secondsLeft,
} from '../feed-entry.ts';

/** Marks an entry of the caller's feed as read; one that is read stays as it is. @throws NOT_FOUND */
export async function markRead(
  context: Pick<RequestContext, 'state' | 'notifications'>,
  id: string,
  once: Once | undefined,
): Promise<FeedEntry> {
  // The read side knows as well whether it was read with all others.
  const entry = await context.notifications.load(id);
  if (!entry) throw notFound(`there is no notification ${id}`);
  const key = notificationKey(id);
  return changeOnce(context.state, { keys: [key], once }, (found) => {
    const document = found.get(key);
    if (!document) throw notFound(`there is no notification ${id}`);
    if (entry.readAt !== null) return { operations: [], answer: entry };
    const known = document.value as FeedDocument;
    if (known.readAt !== null) return { operations: [], answer: known };
    const now = new Date();
    const value: FeedDocument = { ...known, readAt: now.toISOString() };
    // A write that names no time to live takes the document's away.
    const ttlSeconds = Math.max(1, secondsLeft(known, now.getTime()));
    return { operations: [{ op: 'replace', key, value, etag: document.etag, ttlSeconds }], answer: value };
  });
}

/** Marks what a user's feed held at a time as read: one document, however much it is. */
export function markAllRead(
  { state }: Pick<RequestContext, 'state'>,
  ownerId: string,
  until: string | null | undefined,
  once: Once | undefined,
): Promise<{ id: string }> {
  const key = feedReadKey(ownerId);
  return changeOnce(state, { keys: [key], once }, (found) => {
    const at = new Date().toISOString();
    const value: FeedRead = { ownerId, until: until == null || until > at ? at : until, at };
    return { operations: [writeOf(key, found.get(key), value)], answer: { id: ownerId } };
  });
}
