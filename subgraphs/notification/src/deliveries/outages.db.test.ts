import { expect, it } from '@jest/globals';
import type { StateStore } from '@todo/service/state';
import { eventually } from '@todo/service/testing/eventually';
import { type Channel, MaybeSent } from '../channels/channel.ts';
import { recipientKey } from '../recipient/recipient.ts';
import { deliveryOf } from '../testing/recipients.ts';
import { policy, webhook, withWorkers } from '../testing/workers.ts';
import { createCircuits } from './circuits.ts';
import { claim, dueDeliveries } from './claim.ts';
import type { Delivery } from './delivery.ts';
import { sendDelivery } from './send.ts';

const stage = withWorkers();
const { log, read } = stage;

/** The store, with writes that fail where `isDown` says so. */
const broken = (isDown: (written: Delivery) => boolean): StateStore<unknown> => ({
  ...stage.database.state,
  async transact(operations, ...rest) {
    for (const operation of operations)
      if (operation.op === 'replace' && isDown(operation.value as Delivery)) throw new Error('the store is down');
    return stage.database.state.transact(operations, ...rest);
  },
});

it('writes down what was sent once the store is back, and sends it once', async () => {
  const delivery = deliveryOf('WEBHOOK', 'w1');
  await log(delivery);
  let failures = 0;
  stage.start([webhook()], { state: broken(({ status }) => status === 'DELIVERED' && ++failures <= 3) });
  await eventually(async () => expect(await read(delivery)).toMatchObject({ status: 'DELIVERED', attempted: 1 }));
  expect(failures).toBe(4);
  expect(stage.receiver.received).toHaveLength(1);
});

it('sends what could be begun, where something beside it could not', async () => {
  const [first, second] = [deliveryOf('WEBHOOK', 'w1'), deliveryOf('WEBHOOK', 'w1')];
  await log(first, second);
  let isDown = true;
  const state = broken(({ id, status }) => isDown && id === first.id && status === 'SENDING');
  stage.start([webhook()], { state });
  await eventually(async () => expect(await read(second)).toMatchObject({ status: 'DELIVERED', attempted: 1 }));
  expect(await read(first)).toMatchObject({ status: 'PENDING' });
  isDown = false;
  await eventually(async () => expect(await read(first)).toMatchObject({ status: 'DELIVERED', attempted: 1 }));
});

it('ends what is under way when it stops, and says that it may have been sent', async () => {
  stage.receiver.answer = () => 'never';
  const delivery = deliveryOf('WEBHOOK', 'w1');
  await log(delivery);
  const workers = stage.start([webhook(60_000)]);
  await eventually(() => expect(stage.receiver.received).toHaveLength(1));
  await workers.stop();
  expect(await read(delivery)).toMatchObject({
    status: 'PENDING',
    attempts: [{ outcome: 'UNKNOWN', detail: expect.stringMatching(/stopped/) }],
  });
});

it('sends nothing again that may have arrived, where its receiver could not tell', async () => {
  let sends = 0;
  const channel: Channel = {
    name: 'SMS',
    timeoutMs: 2_000,
    concurrency: 16,
    circuitOf: () => 'SMS',
    neverTwice: true,
    async send() {
      sends += 1;
      throw new MaybeSent('no answer');
    },
  };
  const [killed, unheard] = [deliveryOf('SMS'), deliveryOf('SMS')];
  await log(killed);
  await claim(stage.database.state, await dueDeliveries(stage.database.orm, 'SMS', { limit: 10, leaseMs: 0 }));
  await log(unheard);
  stage.start([channel]);
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
  const due = await dueDeliveries(stage.database.orm, 'WEBHOOK', { limit: 10, leaseMs: 60_000 });
  const { claimed } = await claim(stage.database.state, due);
  const lease = { begun: claimed[0] as Delivery, until: performance.now() + 60_000 };
  const get = async (key: string) => {
    if (key === recipientKey('alice')) throw new Error('the store is down');
    return stage.database.state.get(key);
  };
  const sending = {
    channel: webhook(),
    circuits: createCircuits(),
    policy,
    stopping: new AbortController().signal,
  };
  const context = { state: { ...stage.database.state, get }, logger: stage.logger };
  await expect(sendDelivery(context, sending, lease)).rejects.toThrow('the store is down');
  expect(await read(delivery)).toMatchObject({ status: 'PENDING', attempted: 0, attempts: [] });
  expect(stage.receiver.received).toEqual([]);
});
