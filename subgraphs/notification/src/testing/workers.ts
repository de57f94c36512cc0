import { randomBytes } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { createLogger, type Logger } from '@todo/service/logger';
import type { StateStore } from '@todo/service/state';
import { parseRules } from '../channels/addresses.ts';
import type { Channel } from '../channels/channel.ts';
import { webhookChannel } from '../channels/webhook.ts';
import { type Circuits, createCircuits } from '../deliveries/circuits.ts';
import { type Delivery, deliveryKey } from '../deliveries/delivery.ts';
import { logged } from '../deliveries/plan.ts';
import { type DeliveryWorkers, startWorkers } from '../deliveries/worker.ts';
import { recipientKey } from '../recipient/recipient.ts';
import { startNotificationDatabase, type TestDatabase } from './database.ts';
import { type HttpReceiver, startReceiver } from './receivers.ts';
import { alice } from './recipients.ts';

export const policy = { maxAttempts: 3, firstRetryMs: 20 };
/** One user may have four under way, and two to one receiver. */
const concurrency = 16;

/** What sends over webhooks to loopback. */
export const webhook = (timeoutMs = 60_000): Channel =>
  webhookChannel({ addresses: parseRules('127.0.0.0/8'), limits: { timeoutMs, concurrency } });

/** What a file's tests work with, once they run. */
type Stage = {
  logger: Logger;
  database: TestDatabase;
  receiver: HttpReceiver;
  /** Has workers send what is logged. */
  start(channels: readonly Channel[], options?: { state?: StateStore<unknown>; circuits?: Circuits }): DeliveryWorkers;
  log(...deliveries: Delivery[]): Promise<void>;
  read(delivery: Delivery): Promise<Delivery>;
};

/**
 * For a file's tests: the service's database, and before each test alone in it a user, alice, whose webhook w1 leads to a
 * receiver; what was started to send ends with the test.
 */
export function withWorkers(): Stage {
  const stage: Stage = {
    logger: createLogger('test', 'silent'),
    database: undefined as unknown as TestDatabase,
    receiver: undefined as unknown as HttpReceiver,
    start(channels, { state = stage.database.state, circuits = createCircuits() } = {}) {
      const workers = startWorkers({ ...stage.database, state, logger: stage.logger }, channels, policy, circuits);
      started.push(workers);
      return workers;
    },
    log: (...deliveries) => stage.database.state.transact(logged(deliveries)),
    read: async ({ id }) => (await stage.database.state.get(deliveryKey(id)))?.value as Delivery,
  };
  let started: DeliveryWorkers[] = [];
  beforeAll(async () => {
    stage.database = await startNotificationDatabase();
  }, 120_000);
  afterAll(() => stage.database.stop());
  beforeEach(async () => {
    stage.receiver = await startReceiver();
    await stage.database.orm.em.fork().execute('delete from state');
    const secret = `whsec_${randomBytes(24).toString('base64')}`;
    const webhooks = [{ id: 'w1', url: stage.receiver.url, secret, createdAt: '', disabledAt: null }];
    const value = alice({ email: 'alice@example.com', webhooks });
    await stage.database.state.transact([{ op: 'create', key: recipientKey('alice'), value }]);
  });
  afterEach(async () => {
    await Promise.all(started.map((workers) => workers.stop()));
    started = [];
    await stage.receiver.stop();
  });
  return stage;
}
