import type { PushSubscriptionInput } from '../generated/operations.ts';

/** Whether this browser can be reached by web push. */
export const canBePushed = (): boolean => 'serviceWorker' in navigator && 'PushManager' in window;

/**
 * Subscribes this browser to web push; one that is subscribed keeps its subscription.
 * @param key the application server key (VAPID), base64url
 * @throws where the user refuses, or the browser has no push service
 */
export async function subscribeToPush(key: string): Promise<PushSubscriptionInput> {
  if ((await Notification.requestPermission()) !== 'granted')
    throw new Error('The browser may not show notifications.');
  await navigator.serviceWorker.register('/app/push.js', { scope: '/app/' });
  const { pushManager } = await navigator.serviceWorker.ready;
  const { endpoint, keys } = (
    await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key })
  ).toJSON();
  return { endpoint: endpoint ?? '', p256dh: keys?.['p256dh'] ?? '', auth: keys?.['auth'] ?? '' };
}
