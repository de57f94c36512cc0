import type { Dapr } from '@todo/service/dapr';
import type { NotificationConfig } from '../config.ts';
import type { Channel } from './channel.ts';
import { emailChannel } from './email.ts';
import { smsChannel } from './sms.ts';
import { webPushChannel } from './web-push.ts';
import { webhookChannel } from './webhook.ts';

/** Mail servers and providers of SMS take longer, and a message that is given up too soon comes twice, or not at all. */
const PATIENCE = 4;

/** The channels that the configuration sets up. Webhooks need no setting. */
export function openChannels(config: NotificationConfig, dapr: Dapr): Channel[] {
  const { WEBHOOK_ALLOW_CIDRS: addresses, SMTP_URL: url, MAIL_FROM: from } = config;
  const limits = { timeoutMs: config.DELIVERY_TIMEOUT_MS, concurrency: config.DELIVERY_CONCURRENCY };
  const patient = { ...limits, timeoutMs: limits.timeoutMs * PATIENCE };
  const { VAPID_PUBLIC_KEY: publicKey, VAPID_PRIVATE_KEY: privateKey, VAPID_SUBJECT: subject } = config;
  const channels = [webhookChannel({ addresses, limits })];
  if (url && from) channels.push(emailChannel({ url, from, limits: patient }));
  if (publicKey && privateKey && subject)
    channels.push(webPushChannel({ keys: { publicKey, privateKey, subject }, addresses, limits }));
  if (config.SMS_BINDING) channels.push(smsChannel({ dapr, binding: config.SMS_BINDING, limits: patient }));
  return channels;
}
