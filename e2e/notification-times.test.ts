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
/** The minute that a time is in, as HH:MM of UTC. */
const minute = (ms: number): string => new Date(ms).toISOString().slice(11, 16);
const sentTo = (path: string) =>
  receiver.received.filter((one) => one.path === path).map(({ body }) => JSON.parse(body.toString()));

async function userAt(path: string, preferences: object): Promise<User> {
  const user = await newUser();
  await addWebhook(user, `${receiver.url}${path}`);
  await prefer(user, preferences);
  return user;
}

it('what comes in quiet hours is sent at their end, and a digest at its time, as one', async () => {
  // The next minute that is not too near.
  const end = Math.ceil((Date.now() + 30_000) / 60_000) * 60_000;
  const kind = { kind: 'TASK_CREATED', channels: ['WEBHOOK'] };
  const quiet = await userAt('/quiet', {
    quietHours: { from: minute(end - 3_600_000), to: minute(end) },
    kinds: [kind],
  });
  const gathering = await userAt('/digest', { digestTime: minute(end), kinds: [{ ...kind, digest: 'DAILY' }] });
  await createTask(quiet, { title: 'Quiet' });
  for (const title of ['One', 'Two']) await createTask(gathering, { title });

  const held = [{ status: 'PENDING', nextAttemptAt: new Date(end).toISOString() }];
  await eventually(async () => expect(await log(quiet)).toEqual([{ deliveries: held }]));
  await eventually(async () => expect(await log(gathering)).toEqual([{ deliveries: [] }, { deliveries: [] }]));
  // A digest tells what is older than two minutes: so are these, now.
  await client.query(`update notification set recorded_at = now() - interval '2 minutes' where owner_id = $1`, [
    gathering.id,
  ]);
  expect(receiver.received).toEqual([]);

  await eventually(async () => {
    expect(sentTo('/quiet')).toEqual([expect.objectContaining({ type: 'notification.created' })]);
    expect(sentTo('/digest')).toHaveLength(1);
  }, 150_000);
  expect(Date.now()).toBeGreaterThanOrEqual(end);
  const [digest] = sentTo('/digest');
  expect(digest).toMatchObject({ type: 'notification.digest', data: { count: 2 } });
  expect(digest.data.items.map(({ message }: any) => message).toSorted()).toEqual([
    'You created “One”',
    'You created “Two”',
  ]);
}, 240_000);
