import { Webhook as Signer } from 'standardwebhooks';
import type { AddressRules } from './addresses.ts';
import { type Channel, type Limits, Undeliverable } from './channel.ts';
import { post } from './post.ts';

/**
 * Webhooks as Standard Webhooks 1.0 has them: `webhook-id` is the same each time that a message is sent, so that
 * receivers know it again.
 */
export function webhookChannel({ addresses, limits }: { addresses: AddressRules; limits: Limits }): Channel {
  return {
    name: 'WEBHOOK',
    ...limits,
    circuitOf: ({ targetId }) => `WEBHOOK ${targetId}`,
    async send({ id, targetId, content, createdAt }, { webhooks }, signal) {
      const webhook = webhooks.find((one) => one.id === targetId);
      if (!webhook) throw new Undeliverable('the webhook was removed');
      if (webhook.disabledAt !== null) throw new Undeliverable('the webhook is disabled: it said that it is gone');
      const [item] = content.items;
      const body = JSON.stringify(
        content.type === 'digest'
          ? { type: 'notification.digest', timestamp: createdAt, data: { count: content.count, items: content.items } }
          : { type: 'notification.created', timestamp: createdAt, data: item },
      );
      const now = new Date();
      const headers = {
        'content-type': 'application/json',
        'user-agent': 'todo-notification',
        'webhook-id': id,
        'webhook-timestamp': `${Math.floor(now.getTime() / 1000)}`,
        'webhook-signature': new Signer(webhook.secret).sign(id, now, body),
      };
      await post(webhook.url, { headers, body, signal, gone: [410] }, addresses);
    },
  };
}
