import type { StateOperation } from '@todo/service/state';
import { FEED_SECONDS } from '../feed-entry.ts';
import type { Channel, NotificationKind } from '../generated/resolvers.ts';
import { quietUntil } from '../recipient/local-times.ts';
import { preferenceOf } from '../recipient/preferences.ts';
import type { Recipient } from '../recipient/recipient.ts';
import { type Content, type Delivery, deliveryKey, newDelivery } from './delivery.ts';

/** What is to be sent of a new notification by itself: nothing where the user gathers its kind in a digest. */
export function deliveriesOf(recipient: Recipient, kind: NotificationKind, content: Content, now: Date): Delivery[] {
  const { channels, digest } = preferenceOf(recipient.preferences, kind);
  if (digest !== 'NONE') return [];
  return deliveriesOver(recipient, channels, content, now, heldUntil(recipient, content, now));
}

/** Until when quiet hours hold a message back: undefined where they do not. A digest comes at the time that its user set. */
export function heldUntil({ preferences }: Recipient, { type, items }: Content, now: Date): string | undefined {
  const [item] = items;
  if (type === 'digest' || !item || !preferenceOf(preferences, item.kind).quiet) return undefined;
  return quietUntil(now, preferences);
}

/** One delivery for each address that the user has in these channels. */
export function deliveriesOver(
  recipient: Recipient,
  channels: readonly Channel[],
  content: Content,
  now: Date,
  dueAt = now.toISOString(),
): Delivery[] {
  const [only] = content.items;
  const notificationId = content.type === 'notification' && only ? only.notificationId : null;
  return channels.flatMap((channel) =>
    targets[channel](recipient).map((targetId) =>
      newDelivery({ ownerId: recipient.ownerId, notificationId, channel, targetId, content }, now.toISOString(), dueAt),
    ),
  );
}

/** Where a user has one address only, it has no id. */
const targets: Record<Channel, (recipient: Recipient) => (string | null)[]> = {
  EMAIL: ({ email }) => (email === null ? [] : [null]),
  SMS: ({ phone }) => (phone === null ? [] : [null]),
  WEBHOOK: ({ webhooks }) => webhooks.filter(({ disabledAt }) => disabledAt === null).map(({ id }) => id),
  WEB_PUSH: ({ pushSubscriptions }) => pushSubscriptions.map(({ id }) => id),
};

/** Puts deliveries into the log, in the transaction of what they tell of. */
export const logged = (deliveries: readonly Delivery[]): StateOperation[] =>
  deliveries.map((value) => ({ op: 'create', key: deliveryKey(value.id), value, ttlSeconds: FEED_SECONDS }));
