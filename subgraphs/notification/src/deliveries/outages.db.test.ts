import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { createLogger } from '@todo/service/logger';
import type { StateStore } from '@todo/service/state';
import { parseRules } from '../channels/addresses.ts';
import { type Channel, MaybeSent } from '../channels/channel.ts';
import { webhookChannel } from '../channels/webhook.ts';
import { recipientKey } from '../recipient/recipient.ts';
import { startNotificationDatabase, type TestDatabase } from '../testing/database.ts';
import { eventually } from '../testing/eventually.ts';
import { type HttpReceiver, startReceiver } from '../testing/receivers.ts';
import { alice, deliveryOf } from '../testing/recipients.ts';
import { createCircuits } from './circuits.ts';
import { claim, dueDeliveries } from './claim.ts';
import { type Delivery, deliveryKey } from './delivery.ts';
import { logged } from './plan.ts';
import { sendDelivery } from './send.ts';
import { type DeliveryWorkers, startWorkers } from './worker.ts';

const logger = createLogger('test', 'silent');
const secret = `whsec_${randomBytes(24).toString('base64')}`;

let database: TestDatabase;
let receiver: HttpReceiver;
let workers: DeliveryWorkers | undefined;
beforeAll(async () => {
  database = await startNotificationDatabase();
});
afterAll(() => database.stop());
beforeEach(async () => {
  receiver = await startReceiver();
  await database.orm.em.fork().execute('delete from state');
  const webhooks = [{ id: 'w1', url: receiver.url, secret, createdAt: '', disabledAt: null }];
  await database.state.transact([{ op: 'create', key: recipientKey('alice'), value: alice({ webhooks }) }]);
});
afterEach(async () => {
  await workers?.stop();
  workers = undefined;
  await receiver.stop();
});

const limits = { timeoutMs: 30_000, concurrency: 16 };
const webhook = (timeoutMs = limits.timeoutMs) =>
  webhookChannel({ addresses: parseRules('127.0.0.0/8'), limits: { ...limits, timeoutMs } });
const start = (channel: Channel, state: StateStore<unknown> = database.state): void => {
  workers = startWorkers(
    { ...database, state, logger },
    [channel],
    { maxAttempts: 3, firstRetryMs: 20 },
    createCircuits(),
  );
};
const log = (...deliveries: Delivery[]) => database.state.transact(logged(deliveries));
const read = async ({ id }: Delivery) => (await database.state.get(deliveryKey(id)))?.value as Delivery;

/** The store, with writes that fail where `isDown` says so. */
const broken = (isDown: (written: Delivery) => boolean): StateStore<unknown> => ({
  ...database.state,
  async transact(operations, ...rest) {
    for (const operation of operations)
      if (operation.op === 'replace' && isDown(operation.value as Delivery)) throw new Error('the store is down');
    return database.state.transact(operations, ...rest);
  },
});

it('writes down what was sent once the store is back, and sends it once', async () => {
  const delivery = deliveryOf('WEBHOOK', 'w1');
  await log(delivery);
  let failures = 0;
  start(
    webhook(),
    broken(({ status }) => status === 'DELIVERED' && ++failures <= 3),
  );
  await eventually(async () => expect(await read(delivery)).toMatchObject({ status: 'DELIVERED', attempted: 1 }));
  expect(failures).toBe(4);
  expect(receiver.received).toHaveLength(1);
});

it('sends what could be begun, where something beside it could not', async () => {
  const [first, second] = [deliveryOf('WEBHOOK', 'w1'), deliveryOf('WEBHOOK', 'w1')];
  await log(first, second);
  let isDown = true;
  start(
    webhook(),
    broken(({ id, status }) => isDown && id === first.id && status === 'SENDING'),
  );
  await eventually(async () => expect(await read(second)).toMatchObject({ status: 'DELIVERED', attempted: 1 }));
  expect(await read(first)).toMatchObject({ status: 'PENDING' });
  isDown = false;
  await eventually(async () => expect(await read(first)).toMatchObject({ status: 'DELIVERED', attempted: 1 }));
});

it('ends what is under way when it stops, and says that it may have been sent', async () => {
  receiver.answer = () => 'never';
  const delivery = deliveryOf('WEBHOOK', 'w1');
  await log(delivery);
  start(webhook(60_000));
  await eventually(() => expect(receiver.received).toHaveLength(1));
  await workers?.stop();
  expect(await read(delivery)).toMatchObject({
    status: 'PENDING',
    attempts: [{ outcome: 'UNKNOWN', detail: expect.stringMatching(/stopped/) }],
  });
});

it('sends nothing again that may have arrived, where its receiver could not tell', async () => {
  let sends = 0;
  const channel: Channel = {
    name: 'SMS',
    ...limits,
    circuitOf: () => 'SMS',
    neverTwice: true,
    async send() {
      sends += 1;
      throw new MaybeSent('no answer');
    },
  };
  const [killed, unheard] = [deliveryOf('SMS'), deliveryOf('SMS')];
  await log(killed);
  await claim(database.state, await dueDeliveries(database.orm, 'SMS', { limit: 10, leaseMs: 0 }));
  await log(unheard);
  start(channel);
  for (const delivery of [killed, unheard])
    await eventually(async () =>
      expect(await read(delivery)).toMatchObject({
        status: 'FAILED',
        dueAt: null,
        attempts: [{ outcome: 'UNKNOWN' }],
      }),
    );
  expect(sends).toBe(1);
});

it('hands back what it began, where it cannot read whom it is for', async () => {
  const delivery = deliveryOf('WEBHOOK', 'w1');
  await log(delivery);
  const due = await dueDeliveries(database.orm, 'WEBHOOK', { limit: 10, leaseMs: 60_000 });
  const { claimed } = await claim(database.state, due);
  const lease = { begun: claimed[0] as Delivery, until: performance.now() + 60_000 };
  const get = async (key: string) => {
    if (key === recipientKey('alice')) throw new Error('the store is down');
    return database.state.get(key);
  };
  const sending = {
    channel: webhook(),
    circuits: createCircuits(),
    policy: { maxAttempts: 3, firstRetryMs: 20 },
    stopping: new AbortController().signal,
  };
  const context = { state: { ...database.state, get }, logger };
  await expect(sendDelivery(context, sending, lease)).rejects.toThrow('the store is down');
  expect(await read(delivery)).toMatchObject({ status: 'PENDING', attempted: 0, attempts: [] });
  expect(receiver.received).toEqual([]);
});
