import { createECDH, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { Webhook as Verifier } from 'standardwebhooks';
import { createDapr } from '@todo/service/dapr';
import webPush from 'web-push';
import { alice, contentOf, deliveryOf } from '../testing/recipients.ts';
import { type HttpReceiver, startReceiver } from '../testing/receivers.ts';
import { parseRules } from './addresses.ts';
import { Gone, MaybeSent, RetryLater, Undeliverable } from './channel.ts';
import { decryptPush } from '../testing/decrypt-push.ts';
import { smsChannel } from './sms.ts';
import { webPushChannel } from './web-push.ts';
import { webhookChannel } from './webhook.ts';

const addresses = parseRules('127.0.0.0/8');
const signal = () => AbortSignal.timeout(60_000);
let receiver: HttpReceiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.stop());

const secret = `whsec_${randomBytes(24).toString('base64')}`;
const hooked = () =>
  alice({ webhooks: [{ id: 'w1', url: `${receiver.url}/hook`, secret, createdAt: '', disabledAt: null }] });
const webhook = webhookChannel({ addresses, limits: { timeoutMs: 60_000, concurrency: 5 } });

it('signs webhooks as Standard Webhooks says, with one id however often they are sent', async () => {
  const delivery = deliveryOf('WEBHOOK', 'w1');
  await webhook.send(delivery, hooked(), signal());
  await webhook.send(delivery, hooked(), signal());
  const [first, second] = receiver.received;
  if (!first || !second) throw new Error('it was not sent twice');
  const verified = new Verifier(secret).verify(first.body, first.headers as Record<string, string>);
  expect(verified).toMatchObject({ type: 'notification.created', data: { notificationId: 'n1', taskId: 't1' } });
  expect(first.headers['webhook-id']).toBe(delivery.id);
  expect(second.headers['webhook-id']).toBe(delivery.id);
  const other = `whsec_${randomBytes(24).toString('base64')}`;
  expect(() => new Verifier(other).verify(first.body, first.headers as Record<string, string>)).toThrow(/signature/);
});

it('follows no redirect, and tells what is gone from what may come back', async () => {
  const send = () => webhook.send(deliveryOf('WEBHOOK', 'w1'), hooked(), signal());
  receiver.answer = () => ({ status: 302, headers: { location: `${receiver.url}/elsewhere` } });
  await expect(send()).rejects.toThrow('status 302: redirects are not followed');
  expect(receiver.received.map(({ path }) => path)).toEqual(['/hook']);
  receiver.answer = () => ({ status: 410 });
  await expect(send()).rejects.toBeInstanceOf(Gone);
  receiver.answer = () => ({ status: 503, headers: { 'retry-after': '120' } });
  await expect(send()).rejects.toMatchObject(new RetryLater('status 503', 120_000));
  receiver.answer = () => 'never';
  await expect(webhook.send(deliveryOf('WEBHOOK', 'w1'), hooked(), AbortSignal.timeout(50))).rejects.toMatchObject({
    name: 'AbortError',
    cause: { name: 'TimeoutError' },
  });
});

it('sends no webhook to a private address, whatever was allowed when it was added', async () => {
  const strict = webhookChannel({ addresses: parseRules(''), limits: { timeoutMs: 60_000, concurrency: 5 } });
  await expect(strict.send(deliveryOf('WEBHOOK', 'w1'), hooked(), signal())).rejects.toBeInstanceOf(Undeliverable);
  const named = alice({
    webhooks: [{ id: 'w1', url: 'https://localhost:1/', secret, createdAt: '', disabledAt: null }],
  });
  await expect(strict.send(deliveryOf('WEBHOOK', 'w1'), named, signal())).rejects.toThrow(
    'localhost has a private address',
  );
  expect(receiver.received).toEqual([]);
});

it('encrypts web push for the browser, under a topic that takes the place of the same before', async () => {
  const browser = createECDH('prime256v1');
  const p256dh = browser.generateKeys().toString('base64url');
  const auth = randomBytes(16).toString('base64url');
  const keys = { ...webPush.generateVAPIDKeys(), subject: 'mailto:ops@example.com' };
  const channel = webPushChannel({ keys, addresses, limits: { timeoutMs: 60_000, concurrency: 5 } });
  const recipient = alice({
    pushSubscriptions: [{ id: 'p1', endpoint: `${receiver.url}/push`, p256dh, auth, createdAt: '' }],
  });
  const delivery = deliveryOf('WEB_PUSH', 'p1');
  await channel.send(delivery, recipient, signal());
  const [got] = receiver.received;
  if (!got) throw new Error('nothing was sent');
  expect(got.headers).toMatchObject({ ttl: '86400', topic: delivery.id.replaceAll('-', '') });
  expect(got.headers['authorization']).toContain(`k=${keys.publicKey}`);
  const shown = JSON.parse(decryptPush(got.body, browser, auth).toString('utf8'));
  expect(shown).toMatchObject({ id: delivery.id, title: contentOf().items[0]?.message, taskId: 't1' });
  receiver.answer = () => ({ status: 404 });
  await expect(channel.send(delivery, recipient, signal())).rejects.toBeInstanceOf(Gone);
});

it('hands SMS to the binding as one line, and sends none twice that may have arrived', async () => {
  const dapr = createDapr({ endpoint: receiver.url, apiToken: 'token' });
  const channel = smsChannel({ dapr, binding: 'sms', limits: { timeoutMs: 60_000, concurrency: 5 } });
  const recipient = alice({ phone: '+4915112345678' });
  const send = () => channel.send(deliveryOf('SMS', null, contentOf('x'.repeat(1_000))), recipient, signal());
  await send();
  const [got] = receiver.received;
  expect([got?.path, got?.headers['dapr-api-token']]).toEqual(['/v1.0/bindings/sms', 'token']);
  const body = JSON.parse(got?.body.toString() ?? '');
  expect(body).toEqual({
    operation: 'create',
    data: expect.stringMatching(/^x{299}…$/),
    metadata: { toNumber: '+4915112345678' },
  });
  receiver.answer = () => ({ status: 500 });
  await expect(send()).rejects.toMatchObject({
    name: 'Error',
    message: 'the SMS provider could not be reached',
    cause: { message: 'the binding answered 500' },
  });
  const answered = (message: string) => {
    receiver.answer = () => ({
      status: 500,
      body: JSON.stringify({ errorCode: 'ERR_INVOKE_OUTPUT_BINDING', message }),
    });
    return send();
  };
  await expect(
    answered('error invoking output binding sms: error from Twilio (400): 400 Bad Request'),
  ).rejects.toBeInstanceOf(Undeliverable);
  await expect(answered('error invoking output binding sms: error from Twilio (429): 429')).rejects.toMatchObject({
    name: 'Error',
  });
  await expect(
    answered('Post "https://x": context deadline exceeded (Client.Timeout exceeded)'),
  ).rejects.toBeInstanceOf(MaybeSent);
  await expect(answered('Post "https://x": dial tcp 192.0.2.1:443: i/o timeout')).rejects.toMatchObject({
    name: 'Error',
  });
  receiver.answer = () => 'never';
  const hasty = smsChannel({ dapr, binding: 'sms', limits: { timeoutMs: 50, concurrency: 5 } });
  await expect(hasty.send(deliveryOf('SMS'), recipient, signal())).rejects.toBeInstanceOf(MaybeSent);
  const alone = createDapr({ endpoint: 'http://127.0.0.1:65533', apiToken: 'token' });
  const cut = smsChannel({ dapr: alone, binding: 'sms', limits: { timeoutMs: 60_000, concurrency: 5 } });
  await expect(cut.send(deliveryOf('SMS'), recipient, signal())).rejects.toMatchObject({ name: 'Error' });
  await alone.stop();
  await expect(channel.send(deliveryOf('SMS'), alice(), signal())).rejects.toBeInstanceOf(Undeliverable);
  await dapr.stop();
});
