import { expect, it } from '@jest/globals';
import { eventually } from '../stack/eventually.ts';
import { createTask } from '../stack/graphql.ts';
import { newUser, openBoard, unread, withBrowser } from './page.ts';

const browser = withBrowser();

it('the feed follows what happens, counts what is unread, and is read one by one or at once', async () => {
  const user = await newUser();
  const page = await openBoard(await browser.open(), user);
  for (const title of ['one', 'two']) await createTask(user, { title });
  await unread(page, 2);
  await page.getByRole('navigation').getByRole('link', { name: /^Feed/ }).click();
  const entries = page.getByRole('main').getByRole('listitem');
  const shows = (...titles: string[]) =>
    eventually(async () =>
      expect((await entries.allTextContents()).map((text) => /“(.+?)”/.exec(text)?.[1]).toSorted()).toEqual(titles),
    );
  await shows('one', 'two');
  await createTask(user, { title: 'three' });
  await shows('one', 'three', 'two');
  await unread(page, 3);

  await entries.filter({ hasText: '“two”' }).getByRole('button').click();
  await unread(page, 2);
  await page.getByLabel('Unread only').check();
  await shows('one', 'three');
  await page.getByRole('button', { name: 'Mark all as read' }).click();
  await page.getByTestId('unread').waitFor({ state: 'detached' });
  await page.getByText('Nothing new.').waitFor();
  await page.reload();
  await page.getByRole('navigation').getByRole('link', { name: 'Feed', exact: true }).waitFor();
  await shows('one', 'three', 'two');
});
