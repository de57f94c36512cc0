import { expect, it } from '@jest/globals';
import { eventually } from '../stack/eventually.ts';
import { createTask } from '../stack/graphql.ts';
import { card, column, newUser, openBoard, withBrowser } from './page.ts';

const browser = withBrowser();

it('search and filters show what fits, also of what comes while they are set', async () => {
  const user = await newUser();
  await createTask(user, { title: 'Buy bread', tags: ['food'], priority: 'HIGH' });
  await createTask(user, { title: 'Buy stamps', dueAt: '2020-01-01T09:00:00Z' });
  await createTask(user, { title: 'Call Ada', checklist: [{ text: 'Find the number' }] });
  const page = await openBoard(await browser.open(), user);
  const toDo = () => column(page, 'To do').getByRole('listitem').getByRole('button').allTextContents();
  const shows = (...titles: string[]) => eventually(async () => expect(await toDo()).toEqual(titles));
  await shows('Call Ada', 'Buy stamps', 'Buy bread');

  const search = page.getByRole('searchbox', { name: 'Search' });
  await search.fill('buy');
  await shows('Buy stamps', 'Buy bread');
  await createTask(user, { title: 'Nothing to do with it' });
  await createTask(user, { title: 'Buying a hat' });
  await shows('Buying a hat', 'Buy stamps', 'Buy bread');
  await search.fill('numb');
  await shows('Call Ada');
  await search.fill('no such thing');
  await column(page, 'To do').getByText('Nothing that fits.').waitFor();

  await search.fill('');
  await page.getByLabel('Tag').fill('Food');
  await shows('Buy bread');
  await page.getByLabel('Tag').fill('');
  await page.getByLabel('Priority').selectOption('HIGH');
  await shows('Buy bread');
  await page.getByLabel('Priority').selectOption('');
  await page.getByLabel('Overdue only').check();
  await shows('Buy stamps');
  await page.getByLabel('Overdue only').uncheck();
  await search.fill('buy');
  await page.getByLabel('Order').selectOption({ label: 'Most urgent first' });
  await eventually(async () => expect((await toDo())[0]).toBe('Buy bread'));
  await page.getByLabel('Order').selectOption({ label: 'Due first' });
  await eventually(async () => expect((await toDo())[0]).toBe('Buy stamps'));
});

it('a long list comes page by page as it is scrolled, and says how long it is', async () => {
  const user = await newUser();
  const TASKS = 45;
  for (let at = 0; at < TASKS; at += 15)
    await Promise.all(Array.from({ length: 15 }, (_, index) => createTask(user, { title: `Number ${at + index}` })));
  const page = await openBoard(await browser.open(), user);
  const toDo = column(page, 'To do');
  await toDo.getByRole('heading', { name: `To do ${TASKS}`, exact: true }).waitFor();
  expect(await toDo.getByRole('listitem').count()).toBe(20);

  await eventually(async () => {
    await toDo.getByRole('listitem').last().scrollIntoViewIfNeeded();
    await page.mouse.wheel(0, 1000);
    expect(await toDo.getByRole('listitem').count()).toBe(TASKS);
  });
  const titles = await toDo.getByRole('listitem').getByRole('button').allTextContents();
  expect(new Set(titles).size).toBe(TASKS);
  // Those on later pages follow what happens, too.
  const last = titles.at(-1) as string;
  await page.getByLabel(`Move “${last}”`).selectOption({ label: 'Done' });
  await card(page, last, 'Done').waitFor();
  await toDo.getByRole('heading', { name: `To do ${TASKS - 1}`, exact: true }).waitFor();
});
