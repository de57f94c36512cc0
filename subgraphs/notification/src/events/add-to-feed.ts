import { createEvent, type DomainEvent } from '@todo/service/events';
import { outboxEntry } from '@todo/service/outbox';
import { StaleState } from '@todo/service/state';
import { REMEMBER_SECONDS } from '@todo/service/topics';
import { v7 as uuidv7 } from 'uuid';
import type { AppContext } from '../context.ts';
import { type FeedEntry, notificationKey, processedKey } from '../feed-entry.ts';

type FeedEvent = DomainEvent<'task.created' | 'task.updated' | 'task.completed' | 'task.deleted' | 'task.reminder'>;

/**
 * Writes a feed entry for an event, once however often the event comes: the mark of the event, the entry and the event
 * that tells of it are one state transaction, and the mark must be new.
 */
export async function addToFeed(
  context: AppContext,
  event: FeedEvent,
  { kind, message }: Pick<FeedEntry, 'kind' | 'message'>,
): Promise<void> {
  const mark = processedKey(event.id);
  if (await context.state.get(mark)) return;
  const createdAt = new Date().toISOString();
  const id = uuidv7();
  const { ownerId } = event.data;
  const entry: FeedEntry = { id, ownerId, taskId: event.subject, kind, message, createdAt, readAt: null };
  const announcement = createEvent('notification.created', {
    source: context.appId,
    subject: event.subject,
    ...(event.traceparent !== undefined && { traceparent: event.traceparent }),
    data: { ownerId, notification: { id, kind, message, createdAt } },
  });
  try {
    await context.state.transact([
      { op: 'create', key: mark, value: { notificationId: id }, ttlSeconds: REMEMBER_SECONDS },
      { op: 'create', key: notificationKey(id), value: entry },
      outboxEntry('notification.created', announcement),
    ]);
  } catch (error) {
    // Another replica was faster with the same event: its entry is the one.
    if (error instanceof StaleState && (await context.state.get(mark))) return;
    throw error;
  }
  context.relay.nudge();
}
