import webPush from 'web-push';
import type { AddressRules } from './addresses.ts';
import { type Channel, type Limits, Undeliverable } from './channel.ts';
import { post } from './post.ts';
import { messageOf } from './texts.ts';

/** The server's key pair (RFC 8292), base64url, and a mailto: or https: URL by which its operator is reached. */
export type VapidKeys = { publicKey: string; privateKey: string; subject: string };

/** How long a push service keeps what it cannot deliver yet: a day. */
const TTL_SECONDS = 24 * 60 * 60;

/**
 * Web push (RFC 8030), encrypted for the browser (RFC 8291). While a message waits at the push service, the same sent again
 * takes its place: they have one topic.
 */
export function webPushChannel(options: { keys: VapidKeys; addresses: AddressRules; limits: Limits }): Channel {
  const { keys, addresses, limits } = options;
  return {
    name: 'WEB_PUSH',
    ...limits,
    circuitOf: ({ targetId }) => `WEB_PUSH ${targetId}`,
    async send({ id, targetId, content }, { pushSubscriptions }, signal) {
      const subscription = pushSubscriptions.find((one) => one.id === targetId);
      if (!subscription) throw new Undeliverable('the push subscription was removed');
      const { endpoint, p256dh, auth } = subscription;
      const { subject: title, text } = messageOf({ ...content, items: content.items.slice(0, 5) });
      const [item] = content.items;
      const payload = JSON.stringify({ id, title, body: text.slice(0, 1_000).toWellFormed(), taskId: item?.taskId });
      const { headers, body } = webPush.generateRequestDetails({ endpoint, keys: { p256dh, auth } }, payload, {
        vapidDetails: keys,
        TTL: TTL_SECONDS,
        contentEncoding: 'aes128gcm',
        topic: id.replaceAll('-', ''),
      });
      await post(endpoint, { headers: textOf(headers), body: body as Buffer, signal, gone: [404, 410] }, addresses);
    },
  };
}

/** The length is set anew, whatever its case. */
const textOf = (headers: object): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => name.toLowerCase() !== 'content-length')
      .map(([name, value]) => [name, String(value)]),
  );
