import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { killPart, startPart } from '@todo/dev/control/client';
import { createEvent } from '@todo/service/events';
import pg from 'pg';
import { eventually } from './stack/eventually.ts';
import { addWebhook, prefer } from './stack/notifications.ts';
import { DATA } from './stack/paths.ts';
import { publishBulk } from './stack/publish.ts';
import { ready } from './stack/ready.ts';
import { type Receiver, startReceiver } from './stack/receiver.ts';
import { newUser } from './stack/user.ts';

const EVENTS = 10_000;
const BULK = 250;
/** Every tenth is sent to a webhook as well. */
const SENT = EVENTS / 10;
const PARTS = ['notification-service', 'notification-service-dapr'];

const client = new pg.Client({ connectionString: ready().databases['notification'] });
let receiver: Receiver;
beforeAll(async () => {
  await client.connect();
  receiver = await startReceiver();
});
afterAll(async () => {
  await client.end();
  await receiver.stop();
  for (const part of PARTS) await startPart(DATA, part);
});

const rows = async <Row extends object>(sql: string, ...parameters: unknown[]): Promise<Row[]> =>
  (await client.query<Row>(sql, parameters)).rows;
const count = async (from: string, ...parameters: unknown[]): Promise<number> =>
  (await rows<{ count: number }>(`select count(*)::integer as count from ${from}`, ...parameters))[0]?.count ?? 0;

it('every event is in feed and log exactly once, and no more is sent twice than there were kills', async () => {
  const ownerId = `killed-${randomUUID()}`;
  const user = await newUser();
  await addWebhook(user, receiver.url);
  await prefer(user, { kinds: [{ kind: 'TASK_REMINDER', channels: ['WEBHOOK'] }] });
  // Of this topic the notification service is the only consumer.
  const events = Array.from({ length: EVENTS }, (_, i) => {
    const subject = randomUUID();
    const owner = i % 10 === 0 ? user.id : ownerId;
    const data = { ownerId: owner, reminderId: 'r1', kind: 'DUE' as const, title: 'x', dueAt: null, version: 1 };
    return createEvent('task.reminder', { source: 'scheduler-service', subject, data });
  });
  // The last fifth waits for the last of the first kills, so that each comes in the middle however fast all is.
  const lastKill = Promise.withResolvers<void>();
  const publishing = (async () => {
    for (let i = 0; i < EVENTS; i += BULK) {
      if (i >= 0.8 * EVENTS) await lastKill.promise;
      await publishBulk('task.reminder', events.slice(i, i + BULK), 'scheduler-service');
    }
  })();
  const feed = () => count('notification where owner_id in ($1, $2)', ownerId, user.id);
  const log = 'delivery d join notification n on n.id = d.notification_id where n.owner_id = $1';
  const delivered = () => count(`${log} and d.status = 'DELIVERED'`, user.id);

  let kills = 0;
  const kill = async (part: string): Promise<void> => {
    kills += 1;
    await killPart(DATA, part);
    await startPart(DATA, part);
  };
  for (const [part, share] of [
    ['notification-service', 0.1],
    ['notification-service-dapr', 0.35],
    ['notification-service', 0.6],
  ] as const) {
    await eventually(async () => expect(await feed()).toBeGreaterThan(EVENTS * share), 120_000);
    expect(await feed()).toBeLessThan(EVENTS);
    await kill(part);
  }
  lastKill.resolve();
  await publishing;
  await eventually(async () => expect(await feed()).toBe(EVENTS), 120_000);
  // And in the middle of sending.
  for (const share of [0.5, 0.8]) {
    await eventually(async () => expect(await delivered()).toBeGreaterThan(SENT * share), 120_000);
    await kill('notification-service');
  }
  await eventually(async () => expect(await delivered()).toBe(SENT), 180_000);

  expect(
    await count(`(select distinct task_id from notification where owner_id in ($1, $2)) n`, ownerId, user.id),
  ).toBe(EVENTS);
  expect(await count(log, user.id)).toBe(SENT);
  const ids = receiver.received.map(({ headers }) => String(headers['webhook-id']));
  const logged = await rows<{ id: string; attempts: { outcome: string }[] }>(
    `select d.id, d.attempts from ${log}`,
    user.id,
  );
  expect([...new Set(ids)].toSorted()).toEqual(logged.map(({ id }) => id).toSorted());
  expect(ids.length - SENT).toBeLessThanOrEqual(kills);
  // What was sent twice says so; of what was not, nobody may know whether it was.
  const twice = new Set(ids.filter((id, i) => ids.indexOf(id) !== i));
  const outcomes = logged
    .filter(({ id }) => twice.has(id))
    .map(({ attempts }) => attempts.map(({ outcome }) => outcome));
  expect(outcomes).toEqual([...twice].map(() => ['UNKNOWN', 'DELIVERED']));
}, 600_000);
