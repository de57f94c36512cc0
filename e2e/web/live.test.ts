import { expect, it } from '@jest/globals';
import { eventually } from '../stack/eventually.ts';
import { createTask, ok } from '../stack/graphql.ts';
import { card, isLive, newUser, openBoard, unread, withBrowser } from './page.ts';

const browser = withBrowser();

it('two browsers of one account see each other’s changes', async () => {
  const user = await newUser();
  const [first, second] = [await openBoard(await browser.open(), user), await openBoard(await browser.open(), user)];
  await first.getByRole('button', { name: 'New task' }).click();
  await first.getByLabel('Title').fill('Seen by both');
  await first.getByRole('button', { name: 'Create' }).click();
  await card(second, 'Seen by both', 'To do').waitFor();

  await second.getByLabel('Move “Seen by both”').selectOption({ label: 'In progress' });
  await card(first, 'Seen by both', 'In progress').waitFor();

  await first.getByRole('button', { name: 'Seen by both', exact: true }).click();
  await first.getByRole('button', { name: 'Delete' }).click();
  await card(second, 'Seen by both').waitFor({ state: 'detached' });
  expect(await card(first, 'Seen by both').count()).toBe(0);
});

it('a move that another change has overtaken is shown at once, and taken back', async () => {
  const user = await newUser();
  const { id } = await createTask(user, { title: 'Contested' });
  const page = await openBoard(await browser.open(), user);
  await card(page, 'Contested', 'To do').waitFor();

  // The page hears of nothing, and its mutation waits until the other change is there.
  const held = Promise.withResolvers<void>();
  await page.route('**/graphql', async (route) => {
    await held.promise;
    await route.continue();
  });
  const version = 1;
  await page.getByLabel('Move “Contested”').selectOption({ label: 'Done' });
  await card(page, 'Contested', 'Done').waitFor();
  await ok(user, 'mutation ($id: ID!, $v: Int) { cancelTask(id: $id, expectedVersion: $v) { id } }', {
    id,
    v: version,
  });
  held.resolve();
  await page.getByRole('log', { name: 'Messages' }).getByText('changed elsewhere').waitFor();
  await card(page, 'Contested', 'Cancelled').waitFor();
  await eventually(async () => expect(await card(page, 'Contested').count()).toBe(1));
});

it('without a network the page says so; on return it goes on from its cursor, with nothing missed and nothing twice', async () => {
  const user = await newUser();
  const context = await browser.open();
  const frames: string[] = [];
  const page = await openBoard(context, user);
  page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => frames.push(String(payload))));
  await createTask(user, { title: 'Before' });
  await card(page, 'Before', 'To do').waitFor();
  await unread(page, 1);

  await context.setOffline(true);
  await page.getByRole('status', { name: 'Connection: Offline' }).waitFor();
  for (const title of ['Missed 1', 'Missed 2']) await createTask(user, { title });
  await context.setOffline(false);
  await isLive(page);
  for (const title of ['Missed 1', 'Missed 2']) await card(page, title, 'To do').waitFor();
  await unread(page, 3);
  expect(await card(page, 'Missed 1').count()).toBe(1);
  const subscribed = frames.map((frame) => JSON.parse(frame)).filter(({ type }) => type === 'subscribe');
  const resumed = subscribed.filter(({ payload }) => payload.extensions?.cursor);
  expect(resumed.map(({ payload }) => /taskChanged|notificationCreated/.exec(payload.query)?.[0]).toSorted()).toEqual([
    'notificationCreated',
    'taskChanged',
  ]);
});
