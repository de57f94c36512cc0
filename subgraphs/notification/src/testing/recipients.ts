import { type Content, type Delivery, newDelivery } from '../deliveries/delivery.ts';
import type { Channel } from '../generated/resolvers.ts';
import { newRecipient, type Recipient } from '../recipient/recipient.ts';

/** A notification that the title of a task is in. */
export const contentOf = (message = 'You created “Milk & <b>bread</b>”'): Content => ({
  type: 'notification',
  items: [
    {
      notificationId: 'n1',
      kind: 'TASK_CREATED',
      taskId: 't1',
      message,
      createdAt: '2030-01-01T00:00:00.000Z',
    },
  ],
  count: 1,
});

export const alice = (fields: Partial<Recipient> = {}): Recipient => ({ ...newRecipient('alice'), ...fields });

export function deliveryOf(channel: Channel, targetId: string | null = null, content = contentOf()): Delivery {
  const now = new Date().toISOString();
  return newDelivery({ ownerId: 'alice', notificationId: 'n1', channel, targetId, content }, now, now);
}
