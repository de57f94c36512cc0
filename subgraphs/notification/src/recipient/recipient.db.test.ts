import { createECDH, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { RequestContext } from '../context.ts';
import { resolvers } from '../resolvers/index.ts';
import { requestOf, testApp } from '../testing/context.ts';
import { startNotificationDatabase, type TestDatabase } from '../testing/database.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await startNotificationDatabase();
});
afterAll(() => database.stop());
beforeEach(async () => void (await database.orm.em.fork().execute('delete from state')));

const request = (sub = 'alice', idempotencyKey?: string): RequestContext => ({
  ...requestOf(testApp(database), sub),
  idempotencyKey,
});
const mutate = async (name: string, args: object, context = request()): Promise<any> =>
  (resolvers.Mutation as any)[name]({}, args, context, { fieldName: name, path: { key: name } });
const userField = (name: string, sub = 'alice', id = sub): Promise<any> =>
  (resolvers.User as any)[name]({ id }, {}, request(sub), {});
const refused = (field: string) => ({ extensions: { code: 'BAD_USER_INPUT', fields: [{ field }] } });

it('shows the secret of a webhook when it is added or renewed, and a repeated call adds none', async () => {
  const url = 'http://127.0.0.1:9/hook';
  const added = await mutate('addWebhook', { url }, request('alice', 'k1'));
  const again = await mutate('addWebhook', { url }, request('alice', 'k1'));
  expect([added.secret, again]).toEqual([expect.stringMatching(/^whsec_/), added]);
  expect((await userField('webhooks')).map(({ id }: { id: string }) => id)).toEqual([added.webhook.id]);
  const renewed = await mutate('renewWebhookSecret', { id: added.webhook.id });
  expect(renewed.secret).not.toBe(added.secret);
  expect(await userField('webhooks', 'bob', 'alice')).toEqual([]);
  await expect(mutate('removeWebhook', { id: added.webhook.id }, request('bob'))).rejects.toMatchObject({
    extensions: { code: 'NOT_FOUND' },
  });
  await mutate('removeWebhook', { id: added.webhook.id });
  expect(await userField('webhooks')).toEqual([]);
});

it('refuses webhooks to private addresses, and more than five', async () => {
  await expect(mutate('addWebhook', { url: 'https://10.0.0.1/' })).rejects.toMatchObject(refused('url'));
  await expect(mutate('addWebhook', { url: 'http://example.com/' })).rejects.toMatchObject(refused('url'));
  for (let i = 0; i < 5; i += 1) await mutate('addWebhook', { url: `http://127.0.0.1:9/${i}` });
  await expect(mutate('addWebhook', { url: 'http://127.0.0.1:9/6' })).rejects.toMatchObject({
    message: expect.stringMatching(/remove one first/),
    ...refused('url'),
  });
});

it('replaces a push subscription with a known endpoint, and refuses one that is malformed', async () => {
  const p256dh = createECDH('prime256v1').generateKeys().toString('base64url');
  const auth = randomBytes(16).toString('base64url');
  const input = { endpoint: 'http://127.0.0.1:9/push', p256dh, auth };
  const first = await mutate('addPushSubscription', { input });
  const second = await mutate('addPushSubscription', {
    input: { ...input, auth: randomBytes(16).toString('base64url') },
  });
  expect(second.id).toBe(first.id);
  expect(await userField('pushSubscriptions')).toHaveLength(1);
  const off = Buffer.alloc(65, 7);
  off[0] = 4;
  for (const [field, value] of [
    ['p256dh', off.toString('base64url')],
    ['p256dh', 'short'],
    ['auth', 'short'],
    ['endpoint', 'https://169.254.169.254/push'],
  ] as const)
    await expect(mutate('addPushSubscription', { input: { ...input, [field]: value } })).rejects.toMatchObject(
      refused(field),
    );
  for (let i = 1; i < 10; i += 1)
    await mutate('addPushSubscription', { input: { ...input, endpoint: `http://127.0.0.1:9/push/${i}` } });
  const another = { input: { ...input, endpoint: 'http://127.0.0.1:9/push/10' } };
  await expect(mutate('addPushSubscription', another)).rejects.toMatchObject(refused('endpoint'));
  const without = { ...request(), channels: new Set() } as unknown as RequestContext;
  await expect(mutate('addPushSubscription', another, without)).rejects.toMatchObject(refused('endpoint'));
  for (const { id } of await userField('pushSubscriptions'))
    if (id !== first.id) await mutate('removePushSubscription', { id });
  await mutate('removePushSubscription', { id: first.id });
  expect(await userField('pushSubscriptions')).toEqual([]);
});

it('changes preferences one after the other, and knows when a digest comes', async () => {
  const input = { kinds: [{ kind: 'TASK_REMINDER', channels: ['EMAIL'], digest: 'DAILY' }] };
  const all = await Promise.all([
    mutate('updateNotificationPreferences', { input }),
    mutate('updateNotificationPreferences', { input: { timeZone: 'Europe/Berlin' } }),
  ]);
  expect(all.map(({ version }) => version).toSorted()).toEqual([1, 2]);
  expect(await userField('notificationPreferences')).toMatchObject({ version: 2, timeZone: 'Europe/Berlin' });
  expect(await userField('notificationPreferences', 'bob', 'alice')).toBeNull();
  await expect(
    mutate('updateNotificationPreferences', { input: { timeZone: 'UTC' }, expectedVersion: 1 }),
  ).rejects.toMatchObject({ extensions: { code: 'CONFLICT', currentVersion: 2 } });
  const [due] = await database.orm.em
    .fork()
    .execute<{ soon: boolean }[]>(
      `select next_digest_at between now() and now() + interval '25 hours' as soon from recipient`,
    );
  expect(due).toEqual({ soon: true });
});
