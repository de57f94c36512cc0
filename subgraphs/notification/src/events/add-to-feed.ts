import { createEvent, type DomainEvent } from '@todo/service/events';
import { outboxEntry } from '@todo/service/outbox';
import { StaleState } from '@todo/service/state';
import { REMEMBER_SECONDS } from '@todo/service/topics';
import { v7 as uuidv7 } from 'uuid';
import type { AppContext } from '../context.ts';
import type { Content } from '../deliveries/delivery.ts';
import { deliveriesOf, logged } from '../deliveries/plan.ts';
import { FEED_SECONDS, type FeedEntry, notificationKey, processedKey } from '../feed-entry.ts';
import { type Recipient, recipientKey } from '../recipient/recipient.ts';

type FeedEvent = DomainEvent<'task.created' | 'task.updated' | 'task.completed' | 'task.deleted' | 'task.reminder'>;

/**
 * Writes a feed entry for an event, and what is to be sent of it into the log of deliveries, once however often the event
 * comes: the mark of the event, the entry, the log and the event that tells of it are one state transaction, and the mark
 * must be new. Sending comes later.
 */
export async function addToFeed(
  context: Pick<AppContext, 'appId' | 'state' | 'relay' | 'workers'>,
  event: FeedEvent,
  { kind, message }: Pick<FeedEntry, 'kind' | 'message'>,
): Promise<void> {
  const mark = processedKey(event.id);
  const { ownerId } = event.data;
  const settings = recipientKey(ownerId);
  const known = await context.state.getMany([mark, settings]);
  if (known.has(mark)) return;
  const now = new Date();
  const createdAt = now.toISOString();
  const id = uuidv7();
  const taskId = event.subject;
  const entry: FeedEntry = { id, ownerId, taskId, kind, message, createdAt, readAt: null };
  const announcement = createEvent('notification.created', {
    source: context.appId,
    subject: taskId,
    ...(event.traceparent !== undefined && { traceparent: event.traceparent }),
    data: { ownerId, notification: { id, kind, message, createdAt } },
  });
  const item = { notificationId: id, kind, taskId, message, createdAt };
  const content: Content = { type: 'notification', items: [item], count: 1 };
  const recipient = known.get(settings)?.value as Recipient | undefined;
  const deliveries = recipient ? deliveriesOf(recipient, kind, content, now) : [];
  try {
    await context.state.transact([
      { op: 'create', key: mark, value: { notificationId: id }, ttlSeconds: REMEMBER_SECONDS },
      { op: 'create', key: notificationKey(id), value: entry, ttlSeconds: FEED_SECONDS },
      outboxEntry('notification.created', announcement),
      ...logged(deliveries),
    ]);
  } catch (error) {
    // Another replica was faster with the same event: its entry is the one.
    if (error instanceof StaleState && (await context.state.get(mark))) return;
    throw error;
  }
  context.relay.nudge();
  if (deliveries.length > 0) context.workers.nudge();
}
