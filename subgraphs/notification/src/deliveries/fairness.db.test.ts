import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { createLogger } from '@todo/service/logger';
import { migrate } from '@todo/service/orm';
import type { StateOperation } from '@todo/service/state';
import { eventually } from '@todo/service/testing/eventually';
import { parseRules } from '../channels/addresses.ts';
import { webhookChannel } from '../channels/webhook.ts';
import { recipientKey } from '../recipient/recipient.ts';
import { startNotificationDatabase, type TestDatabase } from '../testing/database.ts';
import { startReceiver } from '../testing/receivers.ts';
import { alice, deliveryOf } from '../testing/recipients.ts';
import { createCircuits } from './circuits.ts';
import { claim, dueDeliveries, type LeftOut } from './claim.ts';
import { type Delivery, deliveryKey } from './delivery.ts';
import { logged } from './plan.ts';
import { startWorkers } from './worker.ts';

let database: TestDatabase;
// Deliveries from before say whose they are, and whom they go to, in their documents only.
const before = deliveryOf('WEBHOOK', 'w0');
beforeAll(async () => {
  database = await startNotificationDatabase('003-digest-of-entry');
  await database.state.transact(logged([before]));
  await migrate(database.orm);
});
afterAll(() => database.stop());

const read = async ({ id }: Delivery) => (await database.state.get(deliveryKey(id)))?.value as Delivery;
const targetsDue = async (leftOut: LeftOut) =>
  (await dueDeliveries(database.orm, 'WEBHOOK', { limit: 10, leaseMs: 0, leftOut })).map(({ targetId }) => targetId);

it('knows whose deliveries from before are, and whom they go to', async () => {
  expect(await targetsDue({ owners: ['bob'], targets: ['w1'] })).toEqual(['w0']);
  expect(await targetsDue({ owners: ['alice'], targets: [] })).toEqual([]);
  expect(await targetsDue({ owners: [], targets: ['w0'] })).toEqual([]);
  await database.orm.em.fork().execute('delete from state');
});

const of = (ownerId: string, targetId: string): Delivery => ({ ...deliveryOf('WEBHOOK', targetId), ownerId });

it('sends to others while receivers of one user do not answer, and gives up what waited for three days', async () => {
  const receiver = await startReceiver();
  receiver.answer = ({ path }) => (path.startsWith('/slow') ? 'never' : { status: 204 });
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const known = (ownerId: string, ...ids: string[]): StateOperation => {
    const urls = ids.map((id) => ({ id, url: `${receiver.url}/${id}`, secret, createdAt: '', disabledAt: null }));
    return { op: 'create', key: recipientKey(ownerId), value: alice({ ownerId, webhooks: urls }) };
  };
  const slow = Array.from({ length: 5 }, (_, i) => `slow-${i}`);
  await database.state.transact([known('alice', 'slow', 'quick'), known('bob', ...slow), known('carol', 'other')]);
  const old = { ...of('alice', 'quick'), sendAt: new Date(Date.now() - 73 * 3_600_000).toISOString() };
  const stuck = Array.from({ length: 40 }, (_, i) => [of('alice', 'slow'), of('bob', slow[i % 5] as string)]).flat();
  const quick = ['alice', 'carol', 'alice', 'carol'].map((ownerId) =>
    of(ownerId, ownerId === 'alice' ? 'quick' : 'other'),
  );
  await database.state.transact(logged([old, ...stuck, ...quick]));
  const limits = { timeoutMs: 60_000, concurrency: 16 };
  const channel = webhookChannel({ addresses: parseRules('127.0.0.0/8'), limits });
  const logger = createLogger('test', 'silent');
  const policy = { maxAttempts: 3, firstRetryMs: 20 };
  const workers = startWorkers({ ...database, logger }, [channel], policy, createCircuits());
  for (const delivery of quick)
    await eventually(async () => expect(await read(delivery)).toMatchObject({ status: 'DELIVERED' }));
  const stuckAt = (isAt: (path: string) => boolean) => receiver.received.filter(({ path }) => isAt(path)).length;
  // Of 16 places a user has four, and one receiver two.
  await eventually(() => expect(stuckAt((path) => path.startsWith('/slow-'))).toBe(4));
  expect(stuckAt((path) => path === '/slow')).toBe(2);
  expect(await read(old)).toMatchObject({ status: 'FAILED', dueAt: null, attempts: [] });
  await workers.stop();
  await receiver.stop();
}, 60_000);

it('ends a lease by the clock that says what is due', async () => {
  await database.orm.em.fork().execute('delete from state');
  const delivery = deliveryOf('WEBHOOK', 'w0');
  await database.state.transact(logged([delivery]));
  const [due] = await dueDeliveries(database.orm, 'WEBHOOK', { limit: 1, leaseMs: 38_000 });
  // This replica's clock may say anything.
  jest.useFakeTimers({
    now: Date.now() - 3_600_000,
    doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'setTimeout', 'clearTimeout', 'performance'],
  });
  const { claimed } = await claim(database.state, due ? [due] : []);
  jest.useRealTimers();
  expect(claimed).toHaveLength(1);
  expect(await targetsDue({ owners: [], targets: [] })).toEqual([]);
  const [{ left }] = await database.orm.em
    .fork()
    .execute<[{ left: number }]>(`select extract(epoch from due_at - now())::float8 as left from delivery`);
  expect(left).toBeGreaterThan(8);
  expect(left).toBeLessThanOrEqual(38);
});
