import { createEvent, type DomainEvent } from '@todo/service/events';
import { outboxEntry } from '@todo/service/outbox';
import { StaleState, type StateOperation } from '@todo/service/state';
import type { consumers } from '@todo/service/topics';
import { v7 as uuidv7 } from 'uuid';
import type { AppContext } from '../context.ts';
import type { Content } from '../deliveries/delivery.ts';
import { deliveriesOf, logged } from '../deliveries/plan.ts';
import { FEED_SECONDS, type FeedDocument, notificationKey, processedKey } from '../feed-entry.ts';
import type { NotificationKind } from '../generated/resolvers.ts';
import { preferenceOf } from '../recipient/preferences.ts';
import { type Recipient, recipientKey } from '../recipient/recipient.ts';

export type FeedTopic = (typeof consumers)['notification-service']['topics'][number];
/** An event, and what its user is told. */
export type Told = {
  event: DomainEvent<FeedTopic>;
  kind: NotificationKind;
  message: string;
};

/** How often it is tried again where other replicas write marks of the same events meanwhile. */
const ATTEMPTS = 5;
/** Of one state transaction: far less than the 4 MiB that the sidecar takes, and soon done. */
const MAX_OPERATIONS = 300;

/**
 * Writes feed entries for events, and what is to be sent of them into the log of deliveries, once however often an event
 * comes: its mark, the entry, the log and the event that tells of it are in one state transaction, and the mark must be
 * new. Many events are few transactions. Sending comes later.
 */
export async function addToFeed(
  context: Pick<AppContext, 'appId' | 'state' | 'relay' | 'workers'>,
  all: readonly Told[],
): Promise<void> {
  const once = [...new Map(all.map((told) => [told.event.id, told])).values()];
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await addNew(context, once);
    } catch (error) {
      // Another replica was faster with some of them: its entries are the ones.
      if (!(error instanceof StaleState) || attempt === ATTEMPTS) throw error;
    }
  }
}

async function addNew(
  { appId, state, relay, workers }: Parameters<typeof addToFeed>[0],
  all: readonly Told[],
): Promise<void> {
  const keys = all.flatMap(({ event }) => [processedKey(event.id), recipientKey(event.data.ownerId)]);
  const known = await state.getMany([...new Set(keys)]);
  const recipientOf = (ownerId: string) => known.get(recipientKey(ownerId))?.value as Recipient | undefined;
  const now = new Date();
  const effects = all
    .filter(({ event }) => !known.has(processedKey(event.id)))
    .map((told) => effectOf(told, recipientOf(told.event.data.ownerId), appId, now));
  for (const operations of runsOf(effects)) {
    await state.transact(operations);
    relay.nudge();
    workers.nudge();
  }
}

/** All that comes of an event. The mark lives as long as the entry: a dead letter may be replayed after weeks. */
function effectOf(
  { event, kind, message }: Told,
  recipient: Recipient | undefined,
  appId: string,
  now: Date,
): StateOperation[] {
  const { ownerId } = event.data;
  const taskId = event.subject;
  const createdAt = now.toISOString();
  const id = uuidv7();
  const digest = recipient ? preferenceOf(recipient.preferences, kind).digest : 'NONE';
  const entry: FeedDocument = { id, ownerId, taskId, kind, message, createdAt, readAt: null, digest };
  const announcement = createEvent('notification.created', {
    source: appId,
    subject: taskId,
    ...(event.traceparent !== undefined && { traceparent: event.traceparent }),
    data: { ownerId, notification: { id, kind, message, createdAt } },
  });
  const item = { notificationId: id, kind, taskId, message, createdAt };
  const content: Content = { type: 'notification', items: [item], count: 1 };
  return [
    { op: 'create', key: processedKey(event.id), value: { notificationId: id }, ttlSeconds: FEED_SECONDS },
    { op: 'create', key: notificationKey(id), value: entry, ttlSeconds: FEED_SECONDS },
    outboxEntry('notification.created', announcement),
    ...logged(recipient ? deliveriesOf(recipient, kind, content, now) : []),
  ];
}

/** Effects in order, each whole, in as few runs as may be. */
function runsOf(effects: readonly StateOperation[][]): StateOperation[][] {
  const runs: StateOperation[][] = [];
  for (const effect of effects) {
    const last = runs.at(-1);
    if (last && last.length + effect.length <= MAX_OPERATIONS) last.push(...effect);
    else runs.push([...effect]);
  }
  return runs;
}
