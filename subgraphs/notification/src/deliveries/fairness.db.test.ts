import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createLogger } from '@todo/service/logger';
import { migrate } from '@todo/service/orm';
import { parseRules } from '../channels/addresses.ts';
import { webhookChannel } from '../channels/webhook.ts';
import { recipientKey } from '../recipient/recipient.ts';
import { startNotificationDatabase, type TestDatabase } from '../testing/database.ts';
import { eventually } from '../testing/eventually.ts';
import { startReceiver } from '../testing/receivers.ts';
import { alice, deliveryOf } from '../testing/recipients.ts';
import { createCircuits } from './circuits.ts';
import { dueDeliveries } from './claim.ts';
import { type Delivery, deliveryKey } from './delivery.ts';
import { logged } from './plan.ts';
import { startWorkers } from './worker.ts';

let database: TestDatabase;
// Deliveries from before say whom they go to in their documents only.
const before = deliveryOf('WEBHOOK', 'w0');
beforeAll(async () => {
  database = await startNotificationDatabase('003-digest-of-entry');
  await database.state.transact(logged([before]));
  await migrate(database.orm);
}, 120_000);
afterAll(() => database.stop());

const read = async ({ id }: Delivery) => (await database.state.get(deliveryKey(id)))?.value as Delivery;
const targetsDue = async (leftOut: string[]) =>
  (await dueDeliveries(database.orm, 'WEBHOOK', 10, leftOut)).map(({ targetId }) => targetId);

it('knows whom deliveries from before go to', async () => {
  expect([await targetsDue([]), await targetsDue(['w0'])]).toEqual([['w0'], []]);
  await database.orm.em.fork().execute('delete from state');
});

it('sends to others while one receiver does not answer, and gives up what waited for three days', async () => {
  const receiver = await startReceiver();
  receiver.answer = ({ path }) => (path === '/slow' ? 'never' : { status: 204 });
  const secret = `whsec_${randomBytes(24).toString('base64')}`;
  const webhooks = ['slow', 'quick'].map((id) => ({
    id,
    url: `${receiver.url}/${id}`,
    secret,
    createdAt: '',
    disabledAt: null,
  }));
  await database.state.transact([{ op: 'create', key: recipientKey('alice'), value: alice({ webhooks }) }]);
  const old = { ...deliveryOf('WEBHOOK', 'quick'), sendAt: new Date(Date.now() - 73 * 3_600_000).toISOString() };
  const stuck = Array.from({ length: 40 }, () => deliveryOf('WEBHOOK', 'slow'));
  const quick = Array.from({ length: 5 }, () => deliveryOf('WEBHOOK', 'quick'));
  await database.state.transact(logged([old, ...stuck, ...quick]));
  const limits = { timeoutMs: 60_000, concurrency: 4 };
  const channel = webhookChannel({ addresses: parseRules('127.0.0.0/8'), limits });
  const logger = createLogger('test', 'silent');
  const workers = startWorkers(
    { ...database, logger },
    [channel],
    { maxAttempts: 3, firstRetryMs: 20 },
    createCircuits(),
  );
  for (const delivery of quick)
    await eventually(async () => expect(await read(delivery)).toMatchObject({ status: 'DELIVERED' }));
  expect(receiver.received.filter(({ path }) => path === '/slow')).toHaveLength(2);
  expect(await read(old)).toMatchObject({ status: 'FAILED', dueAt: null, attempts: [] });
  await workers.stop();
  await receiver.stop();
}, 30_000);
