import { expect, it } from '@jest/globals';
import { createECDH, randomBytes } from 'node:crypto';
import { ok } from '../stack/graphql.ts';
import { RECEIVER_HOST } from '../stack/receiver.ts';
import { newUser, openBoard, origin, withBrowser } from './page.ts';

const browser = withBrowser();
const WEBHOOK = `http://${RECEIVER_HOST}:9/board`;

it('preferences are kept', async () => {
  const user = await newUser();
  const page = await openBoard(await browser.open(), user);
  await page.getByRole('navigation').getByRole('link', { name: 'Preferences' }).click();
  await page.getByLabel('Time zone').fill('Europe/Berlin');
  await page.getByLabel('Quiet from').fill('22:00');
  await page.getByLabel('Quiet until').fill('06:30');
  const completed = page.getByRole('group', { name: 'Task completed' });
  await completed.getByLabel('E-mail').check();
  await completed.getByLabel('Task completed: when').selectOption({ label: 'in a daily digest' });
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();

  await page.reload();
  await completed.waitFor();
  expect(await page.getByLabel('Quiet until').inputValue()).toBe('06:30');
  expect(await completed.getByLabel('E-mail').isChecked()).toBe(true);
  const { me } = await ok(
    user,
    '{ me { notificationPreferences { timeZone quietHours { from to } kinds { kind channels digest } } } }',
  );
  expect(me.notificationPreferences).toMatchObject({
    timeZone: 'Europe/Berlin',
    quietHours: { from: '22:00', to: '06:30' },
    kinds: expect.arrayContaining([{ kind: 'TASK_COMPLETED', channels: ['EMAIL'], digest: 'DAILY' }]),
  });
});

it('webhooks come with a secret that is shown once', async () => {
  const user = await newUser();
  const page = await openBoard(await browser.open(), user);
  await page.goto(`${origin()}/app/preferences`);
  const webhooks = page.getByRole('region', { name: 'Webhooks' });
  await webhooks.getByLabel('Address').fill(WEBHOOK);
  await webhooks.getByRole('button', { name: 'Add' }).click();
  await webhooks.getByText(/whsec_/).waitFor();
  const first = await webhooks.getByRole('status').getByRole('code').textContent();
  await webhooks.getByRole('button', { name: /^New secret/ }).click();
  await webhooks
    .getByRole('status')
    .filter({ hasText: /whsec_/, hasNotText: first as string })
    .waitFor();
  await page.reload();
  await webhooks.getByText(WEBHOOK).first().waitFor();
  expect(await webhooks.getByText(/whsec_/).count()).toBe(0);
  await webhooks.getByRole('button', { name: /^Remove/ }).click();
  await webhooks.getByRole('listitem').waitFor({ state: 'detached' });
  expect((await ok(user, '{ me { webhooks { id } } }')).me.webhooks).toEqual([]);
});

it('a browser is added to those that get web push, and removed', async () => {
  const user = await newUser();
  const context = await browser.open({ permissions: ['notifications'] });
  const keys = createECDH('prime256v1');
  const subscription = {
    endpoint: `https://${RECEIVER_HOST}/push`,
    keys: { p256dh: keys.generateKeys('base64url'), auth: randomBytes(16).toString('base64url') },
  };
  // There is no push service to be had here; all else is the browser's own.
  await context.addInitScript(`PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
    if (!applicationServerKey) throw new Error('no key');
    return { toJSON: () => (${JSON.stringify(subscription)}) };
  }`);
  const page = await openBoard(context, user);
  await page.goto(`${origin()}/app/preferences`);
  const browsers = page.getByRole('region', { name: 'Browsers' });
  await browsers.getByRole('button', { name: 'Add this browser' }).click();
  await browsers.getByText(`${RECEIVER_HOST}, since`).waitFor();
  const { me } = await ok(user, '{ me { pushSubscriptions { endpoint } } }');
  expect(me.pushSubscriptions).toEqual([{ endpoint: subscription.endpoint }]);
  await browsers.getByRole('button', { name: /^Remove/ }).click();
  await browsers.getByRole('listitem').waitFor({ state: 'detached' });
});
