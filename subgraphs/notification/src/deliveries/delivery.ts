import { v7 as uuidv7 } from 'uuid';
import type { AttemptOutcome, Channel, DeliveryStatus, NotificationKind } from '../generated/resolvers.ts';

/** One thing that the user is told. */
export type Item = {
  notificationId: string;
  kind: NotificationKind;
  taskId: string;
  message: string;
  createdAt: string;
};

/** What is sent: one notification, or a digest of several. */
export type Content = {
  type: 'notification' | 'digest';
  /** The latest, up to `MAX_ITEMS`. */
  items: Item[];
  /** How many there are in all. */
  count: number;
};

/** How many notifications a digest tells one by one. */
export const MAX_ITEMS = 50;

export type Attempt = { at: string; outcome: AttemptOutcome; detail: string | null };

/** An entry in the log of deliveries: one document in Dapr state, under `delivery-<id>`. */
export type Delivery = {
  /** Also the message's own id: Message-ID, webhook-id. It is the same each time that it is tried. */
  id: string;
  ownerId: string;
  /** Null for a digest. */
  notificationId: string | null;
  channel: Channel;
  /** The webhook or push subscription; null where a user has one address only. */
  targetId: string | null;
  content: Content;
  status: DeliveryStatus;
  /** When it is to be sent, or tried again; null once nothing more is done. */
  dueAt: string | null;
  /** How often sending began. */
  attempted: number;
  /** The latest, up to `KEPT_ATTEMPTS`. */
  attempts: Attempt[];
  createdAt: string;
  /** When it was to be sent first. */
  sendAt: string;
};

const KEPT_ATTEMPTS = 10;

/** Keys of deliveries; the SQL trigger goes by the same prefix. */
export const deliveryKey = (id: string): string => `delivery-${id}`;

export const newDelivery = (
  fields: Pick<Delivery, 'ownerId' | 'notificationId' | 'channel' | 'targetId' | 'content'>,
  createdAt: string,
  dueAt: string,
): Delivery => ({
  id: uuidv7(),
  ...fields,
  status: 'PENDING',
  dueAt,
  attempted: 0,
  attempts: [],
  createdAt,
  sendAt: dueAt,
});

/** A delivery after an attempt; what follows is said beside it. */
export const withAttempt = (
  delivery: Delivery,
  attempt: Attempt,
  next: Pick<Delivery, 'status' | 'dueAt'>,
): Delivery => ({ ...delivery, ...next, attempts: [...delivery.attempts, attempt].slice(-KEPT_ATTEMPTS) });
