import { expect, it } from '@jest/globals';
import { eventually } from '../stack/eventually.ts';
import { createTask, graphql, ok } from '../stack/graphql.ts';
import { gateways, killGateway, startGateway } from '../stack/replicas.ts';
import { withReplica } from '../stack/with-replica.ts';
import { card, isLive, newUser, openBoard, origin, withBrowser } from './page.ts';

const browser = withBrowser();
withReplica();

it('a gateway that is killed and started again is found again, with nothing missed and nothing twice', async () => {
  const user = await newUser();
  const page = await openBoard(await browser.open(), user);
  const [first, second] = gateways();
  await createTask(user, { title: 'Before' });
  await card(page, 'Before', 'To do').waitFor();

  await killGateway(first);
  await page.getByRole('status', { name: 'Connection: Connecting …' }).waitFor();
  await createTask(user, { title: 'While it was away' }, second.graphql);
  await startGateway(first);
  await isLive(page);
  await card(page, 'While it was away', 'To do').waitFor();
  await createTask(user, { title: 'After' });
  await card(page, 'After', 'To do').waitFor();
  for (const title of ['Before', 'While it was away', 'After']) expect(await card(page, title).count()).toBe(1);
}, 300_000);

it('the session’s token is renewed on the open connection', async () => {
  const user = await newUser();
  const context = await browser.open();
  await context.clock.install();
  const page = await context.newPage();
  const sent: string[] = [];
  let sockets = 0;
  page.on('websocket', (socket) => {
    sockets += 1;
    socket.on('framesent', ({ payload }) => sent.push(String(payload)));
  });
  await page.goto(`${origin()}/app/`);
  await page.getByLabel('E-mail').fill(user.email);
  await page.getByLabel('Password').fill(user.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await isLive(page);
  const renewed = page.waitForResponse('**/api/auth/token');
  await context.clock.fastForward(14 * 60_000 + 1000);
  await renewed;
  await createTask(user, { title: 'With the new token' });
  await card(page, 'With the new token', 'To do').waitFor();
  const pings = sent.map((frame) => JSON.parse(frame)).filter(({ type, payload }) => type === 'ping' && payload);
  expect(pings).toEqual([{ type: 'ping', payload: { authorization: expect.stringMatching(/^Bearer eyJ/) } }]);
  expect(sockets).toBe(1);
});

it('a session that the identity server has ended leads back to the sign-in form', async () => {
  const user = await newUser();
  const context = await browser.open();
  await context.clock.install();
  const page = await openBoard(context, user);
  await context.clearCookies();
  await context.clock.fastForward(14 * 60_000 + 1000);
  await page.getByText('Your session has ended.').waitFor();
  expect(await page.getByRole('navigation').count()).toBe(0);
  await page.getByLabel('E-mail').fill(user.email);
  await page.getByLabel('Password').fill(user.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await isLive(page);
});

it('over the rate limit the page says so, and goes on by itself when its time has come', async () => {
  const user = await newUser();
  const { id } = await createTask(user, { title: 'In no hurry' });
  const page = await openBoard(await browser.open(), user);
  let refused = false;
  while (!refused) {
    const answers = await Promise.all(Array.from({ length: 50 }, () => graphql(user, '{ __typename }')));
    refused = answers.some(({ status }) => status === 429);
  }
  await page.getByLabel('Move “In no hurry”').selectOption({ label: 'In progress' });
  await page.getByRole('alert').getByText('Too many requests. Going on in').waitFor();
  await card(page, 'In no hurry', 'In progress').waitFor();
  await page.getByRole('alert').waitFor({ state: 'detached', timeout: 120_000 });
  // What was held back is on its way now.
  await eventually(async () => {
    const { task } = await ok(user, 'query ($id: ID!) { task(id: $id) { status version } }', { id });
    expect(task).toEqual({ status: 'IN_PROGRESS', version: 2 });
  });
}, 240_000);
