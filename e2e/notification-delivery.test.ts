import { createECDH, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { signIn } from '@todo/dev/identity/client';
import pg from 'pg';
import { Webhook } from 'standardwebhooks';
import { eventually } from './stack/eventually.ts';
import { createTask, graphql, ok } from './stack/graphql.ts';
import { addWebhook, prefer } from './stack/notifications.ts';
import { DATA } from './stack/paths.ts';
import { ready } from './stack/ready.ts';
import { type Receiver, startReceiver } from './stack/receiver.ts';
import { newUser, type User } from './stack/user.ts';

let receiver: Receiver;
/** In the place of a provider of SMS: the binding hands it the text, as JSON. */
let sms: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
  sms = await startReceiver(Number(new URL(process.env['SMS_URL'] ?? '').port));
});
afterAll(async () => {
  await receiver.stop();
  await sms.stop();
});

const feed = async (user: User) =>
  (
    await ok(
      user,
      `{ me { unreadNotifications notifications { nodes { id message readAt deliveries {
         channel status attempts { outcome } } } } } }`,
    )
  ).me;
const mailTo = (email: string): string[] =>
  readdirSync(join(DATA, 'mail'))
    .map((name) => readFileSync(join(DATA, 'mail', name), 'utf8'))
    .filter((text) => text.includes(`To: ${email}`));

const addPush = async (user: User, endpoint: string): Promise<void> => {
  const p256dh = createECDH('prime256v1').generateKeys().toString('base64url');
  const input = { endpoint, p256dh, auth: randomBytes(16).toString('base64url') };
  await ok(user, `mutation ($input: PushSubscriptionInput!) { addPushSubscription(input: $input) { id } }`, { input });
};

it('a notification reaches email, webhook, web push and SMS once each, and the log says so', async () => {
  const user = await newUser({ phoneNumber: '+4915112345678' });
  const secret = await addWebhook(user, `${receiver.url}/hook`);
  await addPush(user, `${receiver.url}/push`);
  await prefer(user, { kinds: [{ kind: 'TASK_CREATED', channels: ['EMAIL', 'WEBHOOK', 'WEB_PUSH', 'SMS'] }] });
  // It fails once, and comes again under the same id.
  let failures = 0;
  receiver.status = ({ path }) => (path === '/hook' && ++failures === 1 ? 500 : 204);
  await createTask(user, { title: 'Water the plants' });

  await eventually(async () => {
    const [entry] = (await feed(user)).notifications.nodes;
    expect(entry.deliveries.map(({ channel, status }: any) => [channel, status]).toSorted()).toEqual([
      ['EMAIL', 'DELIVERED'],
      ['SMS', 'DELIVERED'],
      ['WEBHOOK', 'DELIVERED'],
      ['WEB_PUSH', 'DELIVERED'],
    ]);
  });
  const hooks = receiver.received.filter(({ path }) => path === '/hook');
  expect(new Set(hooks.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(hooks).toHaveLength(2);
  const last = hooks.at(-1);
  expect(new Webhook(secret).verify(last?.body ?? '', last?.headers as Record<string, string>)).toMatchObject({
    type: 'notification.created',
    data: { kind: 'TASK_CREATED' },
  });
  expect(receiver.received.filter(({ path }) => path === '/push')).toHaveLength(1);
  const [mail, ...more] = mailTo(user.email);
  expect(more).toEqual([]);
  expect(mail).toMatch(/^Message-ID: <[\w-]{36}@[\w.]+>\r?$/m);
  expect(mail).toMatch(/Water the plants/);
  expect(sms.received.map(({ body }) => JSON.parse(body.toString()))).toEqual(['You created “Water the plants”']);
});

it('a push subscription that has expired is removed, and others are not', async () => {
  const user = await newUser();
  for (const path of ['/expired', '/kept']) await addPush(user, `${receiver.url}${path}`);
  await prefer(user, { kinds: [{ kind: 'TASK_CREATED', channels: ['WEB_PUSH'] }] });
  receiver.status = ({ path }) => (path === '/expired' ? 410 : 201);
  await createTask(user, { title: 'Pushed' });
  await eventually(async () => {
    const { me } = await ok(user, `{ me { pushSubscriptions { endpoint } } }`);
    expect(me.pushSubscriptions).toEqual([{ endpoint: `${receiver.url}/kept` }]);
  });
  await eventually(async () =>
    expect((await feed(user)).notifications.nodes[0].deliveries.map(({ status }: any) => status).toSorted()).toEqual([
      'DELIVERED',
      'FAILED',
    ]),
  );
});

it('an address that was changed at the identity provider counts from the first request with a new token', async () => {
  const user = await newUser();
  await prefer(user, { kinds: [{ kind: 'TASK_CREATED', channels: ['EMAIL'] }] });
  const email = `changed-${user.email}`;
  const client = new pg.Client({ connectionString: ready().databases['identity'] });
  await client.connect();
  await client.query(`update "user" set email = $1 where id = $2`, [email, user.id]);
  await client.end();
  // Tokens say the second that they were issued in.
  const token = await signIn(ready().urls.identity, { ...user, email });
  await ok({ ...user, token }, `{ me { unreadNotifications } }`);
  await eventually(async () => {
    await createTask(user, { title: 'Moved' });
    expect(mailTo(email).length).toBeGreaterThan(0);
  });
  expect((await feed(user)).notifications.nodes.length).toBeGreaterThan(0);
});

it('the feed is marked as read, one by one and at once, by its own user only', async () => {
  const [user, other] = [await newUser(), await newUser()];
  for (const title of ['one', 'two', 'three']) await createTask(user, { title });
  await eventually(async () => expect((await feed(user)).unreadNotifications).toBe(3));
  const [{ id }] = (await feed(user)).notifications.nodes;
  const read = `mutation ($id: ID!) { markNotificationRead(id: $id) { readAt } }`;
  const { errors } = await graphql(other, read, { id });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'NOT_FOUND' });
  await ok(user, read, { id });
  expect((await feed(user)).unreadNotifications).toBe(2);
  const all = await ok(user, `mutation { markAllNotificationsRead { unreadNotifications } }`);
  expect(all.markAllNotificationsRead.unreadNotifications).toBe(0);
});
