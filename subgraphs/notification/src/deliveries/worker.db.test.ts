import { expect, it } from '@jest/globals';
import { eventually } from '@todo/service/testing/eventually';
import { type Channel, Undeliverable } from '../channels/channel.ts';
import { emailChannel } from '../channels/email.ts';
import { type Recipient, recipientKey } from '../recipient/recipient.ts';
import { startMailReceiver } from '../testing/receivers.ts';
import { contentOf, deliveryOf } from '../testing/recipients.ts';
import { webhook, withWorkers } from '../testing/workers.ts';
import { createCircuits } from './circuits.ts';
import { claim, dueDeliveries, settle } from './claim.ts';
import { type Delivery, deliveryKey } from './delivery.ts';
import type { DeliveryWorkers } from './worker.ts';

const stage = withWorkers();
const { log, read } = stage;
const start = (...channels: Channel[]): DeliveryWorkers => stage.start(channels, { circuits: createCircuits(100) });
const limits = { timeoutMs: 60_000, concurrency: 16 };
const outcomes = async (delivery: Delivery) => (await read(delivery)).attempts.map(({ outcome }) => outcome);
const settled = (delivery: Delivery, status: Delivery['status']) =>
  eventually(async () => expect(await read(delivery)).toMatchObject({ status, dueAt: null }), 60_000);

it('sends what is logged over each channel, each once however many replicas work, and writes it down', async () => {
  const mail = await startMailReceiver();
  const email = () => emailChannel({ url: mail.url, from: 'todo@example.com', limits });
  const deliveries = Array.from({ length: 24 }, (_, i) => deliveryOf(i % 2 ? 'EMAIL' : 'WEBHOOK', i % 2 ? null : 'w1'));
  await log(...deliveries);
  for (const workers of [start(webhook(), email()), start(webhook(), email())]) workers.nudge();
  for (const delivery of deliveries) await settled(delivery, 'DELIVERED');
  const sent = stage.receiver.received.map(({ headers }) => headers['webhook-id']);
  expect(sent.toSorted()).toEqual(
    deliveries
      .filter(({ channel }) => channel === 'WEBHOOK')
      .map(({ id }) => id)
      .toSorted(),
  );
  expect(mail.received).toHaveLength(12);
  expect((await read(deliveries[0] as Delivery)).attempts).toEqual([
    { at: expect.any(String), outcome: 'DELIVERED', detail: null },
  ]);
  await mail.stop();
});

it('tries again what failed, with the same id, and gives up in the end', async () => {
  const [later, never] = [deliveryOf('WEBHOOK', 'w1'), deliveryOf('WEBHOOK', 'w1')];
  let failures = 0;
  stage.receiver.answer = ({ headers }) =>
    headers['webhook-id'] === later.id && ++failures > 2 ? { status: 204 } : { status: 500 };
  await log(later, never);
  start(webhook());
  await settled(later, 'DELIVERED');
  await settled(never, 'FAILED');
  expect(await outcomes(later)).toEqual(['FAILED', 'FAILED', 'DELIVERED']);
  expect(await outcomes(never)).toEqual(['FAILED', 'FAILED', 'FAILED']);
  expect(stage.receiver.received.filter(({ headers }) => headers['webhook-id'] === later.id)).toHaveLength(3);
});

it('holds back no other channel where one does not answer', async () => {
  stage.receiver.answer = () => 'never';
  const mail = await startMailReceiver();
  const stuck = Array.from({ length: 40 }, () => deliveryOf('WEBHOOK', 'w1'));
  const quick = deliveryOf('EMAIL');
  await log(...stuck, quick);
  start(webhook(), emailChannel({ url: mail.url, from: 'todo@example.com', limits }));
  await settled(quick, 'DELIVERED');
  expect((await read(stuck[0] as Delivery)).status).toBe('SENDING');
  stage.receiver.answer = () => ({ status: 410 });
  await mail.stop();
});

it('sends again what a sender began and did not end, and says so', async () => {
  const delivery = deliveryOf('WEBHOOK', 'w1');
  await log(delivery);
  // A replica that is killed: its lease is over at once.
  const due = await dueDeliveries(stage.database.orm, 'WEBHOOK', { limit: 10, leaseMs: 0 });
  const {
    claimed: [begun],
  } = await claim(stage.database.state, due);
  expect(begun).toMatchObject({ status: 'SENDING', attempted: 1 });
  start(webhook());
  await settled(delivery, 'DELIVERED');
  const { attempts, attempted } = await read(delivery);
  expect([attempted, attempts.map(({ outcome }) => outcome)]).toEqual([2, ['UNKNOWN', 'DELIVERED']]);
  expect(stage.receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([delivery.id]);
  // What the first one has to say comes too late.
  const lease = { begun: begun as Delivery, until: performance.now() + 1_000 };
  expect(await settle(stage.database.state, lease, (known) => ({ ...known, status: 'FAILED' }))).toBe(false);
});

it('disables a webhook that says it is gone, and sends nothing to it any more', async () => {
  stage.receiver.answer = () => ({ status: 410 });
  const [first, second] = [deliveryOf('WEBHOOK', 'w1'), deliveryOf('WEBHOOK', 'w1')];
  await log(first);
  const workers = start(webhook());
  await settled(first, 'FAILED');
  await eventually(async () => {
    const recipient = (await stage.database.state.get(recipientKey('alice')))?.value as Recipient;
    expect(recipient.webhooks[0]?.disabledAt).toEqual(expect.any(String));
  });
  await log(second);
  workers.nudge();
  await settled(second, 'FAILED');
  expect((await read(second)).attempts[0]).toMatchObject({
    outcome: 'REFUSED',
    detail: expect.stringMatching(/disabled/),
  });
  expect(stage.receiver.received).toHaveLength(1);
});

it('waits where a channel fails again and again, and counts that against no message', async () => {
  let up = false;
  let sends = 0;
  const channel: Channel = {
    name: 'SMS',
    timeoutMs: 60_000,
    concurrency: 1,
    circuitOf: () => 'SMS',
    async send() {
      sends += 1;
      if (!up) throw new Error('down');
    },
  };
  const deliveries = Array.from({ length: 12 }, () => deliveryOf('SMS'));
  await log(...deliveries);
  start(channel);
  await eventually(() => expect(sends).toBeGreaterThanOrEqual(5));
  up = true;
  for (const delivery of deliveries) await settled(delivery, 'DELIVERED');
  // Five failures open the circuit; at most a few probes fail before it is up.
  expect(sends).toBeLessThanOrEqual(12 + 8);
});

it('keeps to what is left of 90 days however often it writes', async () => {
  const delivery = { ...deliveryOf('WEBHOOK', 'w1'), createdAt: new Date(Date.now() - 80 * 86_400_000).toISOString() };
  await log(delivery);
  start({ ...webhook(), send: async () => Promise.reject(new Undeliverable('no')) });
  await settled(delivery, 'FAILED');
  const [{ days }] = await stage.database.orm.em
    .fork()
    .execute<[{ days: number }]>(
      `select round(extract(epoch from expires_at - now()) / 86400)::integer as days from state where key = ?`,
      [deliveryKey(delivery.id)],
    );
  expect(days).toBe(10);
});

it('holds back in quiet hours what failed before them, or was not sent, and counts that against no message', async () => {
  const [from, to] = [new Date(), new Date(Date.now() + 3_600_000)].map((at) => at.toISOString().slice(11, 16));
  const quietHours = { from, to };
  const { value, etag } = (await stage.database.state.get(recipientKey('alice'))) as { value: Recipient; etag: string };
  const quiet = { ...value, preferences: { ...value.preferences, quietHours } };
  await stage.database.state.transact([{ op: 'replace', key: recipientKey('alice'), value: quiet, etag }]);
  const delivery = deliveryOf('WEBHOOK', 'w1');
  const digest = deliveryOf('WEBHOOK', 'w1', { ...contentOf(), type: 'digest' });
  await log(delivery, digest);
  start(webhook());
  await settled(digest, 'DELIVERED');
  await eventually(async () => expect(await read(delivery)).toMatchObject({ status: 'PENDING', attempted: 0 }));
  const { dueAt, attempts } = await read(delivery);
  expect(new Date(dueAt ?? '').toISOString().slice(11, 16)).toBe(quietHours.to);
  expect(attempts).toEqual([]);
  expect(stage.receiver.received).toHaveLength(1);
});
