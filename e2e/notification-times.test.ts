import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { eventually } from './stack/eventually.ts';
import { createTask, ok } from './stack/graphql.ts';
import { addWebhook, prefer } from './stack/notifications.ts';
import { ready } from './stack/ready.ts';
import { type Receiver, startReceiver } from './stack/receiver.ts';
import { newUser, type User } from './stack/user.ts';

const client = new pg.Client({ connectionString: ready().databases['notification'] });
let receiver: Receiver;
beforeAll(async () => {
  await client.connect();
  receiver = await startReceiver();
});
afterAll(async () => {
  await client.end();
  await receiver.stop();
});

const log = async (user: User) =>
  (await ok(user, `{ me { notifications { nodes { deliveries { status nextAttemptAt } } } } }`)).me.notifications.nodes;
/** The minute that a time is in, as HH:MM of UTC, or so many hours east of it. */
const minute = (ms: number, hours = 0): string => new Date(ms + hours * 3_600_000).toISOString().slice(11, 16);
const WEEKDAYS = ['SUNDAY', 'MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY'];
const sentTo = (path: string) =>
  receiver.received.filter((one) => one.path === path).map(({ body }) => JSON.parse(body.toString()));

async function userAt(path: string, preferences: object): Promise<User> {
  const user = await newUser();
  await addWebhook(user, `${receiver.url}${path}`);
  await prefer(user, preferences);
  return user;
}

it('what comes in quiet hours is sent at their end, and digests, daily or weekly, at their local time, each as one', async () => {
  // The next minute that is not too near.
  const end = Math.ceil((Date.now() + 30_000) / 60_000) * 60_000;
  const kind = { kind: 'TASK_CREATED', channels: ['WEBHOOK'] };
  const quiet = await userAt('/quiet', {
    quietHours: { from: minute(end - 3_600_000), to: minute(end) },
    kinds: [kind],
  });
  const gathering = await userAt('/digest', { digestTime: minute(end), kinds: [{ ...kind, digest: 'DAILY' }] });
  // Where clocks are five and a half hours ahead, all year, it may be the next day.
  const weekly = await userAt('/weekly', {
    timeZone: 'Asia/Kolkata',
    digestTime: minute(end, 5.5),
    digestDay: WEEKDAYS[new Date(end + 5.5 * 3_600_000).getUTCDay()],
    kinds: [{ ...kind, digest: 'WEEKLY' }],
  });
  await createTask(quiet, { title: 'Quiet' });
  await createTask(weekly, { title: 'Of a week' });
  for (const title of ['One', 'Two']) await createTask(gathering, { title });

  const held = [{ status: 'PENDING', nextAttemptAt: new Date(end).toISOString() }];
  await eventually(async () => expect(await log(quiet)).toEqual([{ deliveries: held }]));
  await eventually(async () => expect(await log(gathering)).toEqual([{ deliveries: [] }, { deliveries: [] }]));
  await eventually(async () => expect(await log(weekly)).toEqual([{ deliveries: [] }]));
  // A digest tells what is older than two minutes: so are these, now.
  await client.query(`update notification set recorded_at = now() - interval '2 minutes' where owner_id = any($1)`, [
    [gathering.id, weekly.id],
  ]);
  expect(receiver.received).toEqual([]);

  await eventually(async () => {
    expect(sentTo('/quiet')).toEqual([expect.objectContaining({ type: 'notification.created' })]);
    expect(sentTo('/digest')).toHaveLength(1);
    expect(sentTo('/weekly')).toHaveLength(1);
  }, 150_000);
  expect(Date.now()).toBeGreaterThanOrEqual(end);
  expect(sentTo('/weekly')[0]).toMatchObject({
    type: 'notification.digest',
    data: { count: 1, items: [{ message: 'You created “Of a week”' }] },
  });
  const { rows } = await client.query<{ days: number }>(
    `select round(extract(epoch from next_digest_at - to_timestamp($2 / 1000.0)) / 86400)::integer as days
     from recipient where owner_id = $1`,
    [weekly.id, end],
  );
  expect(rows).toEqual([{ days: 7 }]);
  const [digest] = sentTo('/digest');
  expect(digest).toMatchObject({ type: 'notification.digest', data: { count: 2 } });
  expect(digest.data.items.map(({ message }: any) => message).toSorted()).toEqual([
    'You created “One”',
    'You created “Two”',
  ]);
}, 240_000);
