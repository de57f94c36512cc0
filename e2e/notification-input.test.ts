import { createECDH, randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { graphql, ok } from './stack/graphql.ts';
import { newUser, type User } from './stack/user.ts';

const UPDATE = `mutation ($input: NotificationPreferencesInput!) { updateNotificationPreferences(input: $input) { version } }`;
const WEBHOOK = `mutation ($url: String!) { addWebhook(url: $url) { secret } }`;
const PUSH = `mutation ($input: PushSubscriptionInput!) { addPushSubscription(input: $input) { id } }`;
const kind = { kind: 'TASK_CREATED' };
const push = (fields: object) => ({
  input: {
    endpoint: 'https://push.example.com/1',
    p256dh: createECDH('prime256v1').generateKeys().toString('base64url'),
    auth: randomBytes(16).toString('base64url'),
    ...fields,
  },
});

let user: User;
it.each([
  // The token has no number.
  ['a channel without an address', UPDATE, { input: { kinds: [{ ...kind, channels: ['SMS'] }] } }, 'kinds'],
  ['a kind twice', UPDATE, { input: { kinds: [kind, kind] } }, 'kinds'],
  ['a time zone that is none', UPDATE, { input: { timeZone: 'Mars/Olympus' } }, 'timeZone'],
  ['a time that is none', UPDATE, { input: { quietHours: { from: '22:00', to: '25:00' } } }, 'quietHours.to'],
  ['no URL', WEBHOOK, { url: 'example.com' }, 'url'],
  ['a URL that is too long', WEBHOOK, { url: `https://example.com/${'x'.repeat(2_048)}` }, 'url'],
  ['plain http', WEBHOOK, { url: 'http://example.com/' }, 'url'],
  ['a URL with a password', WEBHOOK, { url: 'https://a:b@example.com/' }, 'url'],
  ['an address of the cloud’s own', WEBHOOK, { url: 'https://169.254.169.254/latest' }, 'url'],
  ['a private address said otherwise', WEBHOOK, { url: 'https://[::ffff:10.0.0.1]/' }, 'url'],
  ['a name that has a private address', WEBHOOK, { url: 'https://localhost/' }, 'url'],
  ['a push service at a private address', PUSH, push({ endpoint: 'https://localhost/push' }), 'endpoint'],
  ['a key that is no point', PUSH, push({ p256dh: randomBytes(65).toString('base64url') }), 'p256dh'],
  ['a secret that is too short', PUSH, push({ auth: 'AAAA' }), 'auth'],
])('%s is refused by name, and nothing is changed', async (_, query, variables, field) => {
  user ??= await newUser();
  const { data, errors } = await graphql(user, query, variables);
  expect(data).toBeFalsy();
  expect(errors?.map(({ extensions }) => extensions)).toEqual([
    expect.objectContaining({ code: 'BAD_USER_INPUT', fields: [expect.objectContaining({ field })] }),
  ]);
  const { me } = await ok(
    user,
    `{ me { notificationPreferences { version } webhooks { id } pushSubscriptions { id } } }`,
  );
  expect(me).toEqual({ notificationPreferences: { version: 0 }, webhooks: [], pushSubscriptions: [] });
});

it('a channel that the schema does not know, and a list that costs too much, are refused before anything is asked', async () => {
  user ??= await newUser();
  const unknown = await graphql(user, UPDATE, { input: { kinds: [{ ...kind, channels: ['PIGEON'] }] } });
  expect(unknown.errors?.[0]?.message).toMatch(/PIGEON/);
  const notifications = `notifications(first: 100) { deliveries { attempts { outcome } } }`;
  const many = await graphql(user, `{ me { tasks(first: 100) { nodes { ${notifications} } } } }`);
  expect(many.errors?.[0]?.extensions).toMatchObject({ code: 'COST_LIMIT_EXCEEDED' });
});
