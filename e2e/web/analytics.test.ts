import { expect, it } from '@jest/globals';
import { eventually } from '../stack/eventually.ts';
import { createTask, ok } from '../stack/graphql.ts';
import { newUser, openBoard, withBrowser } from './page.ts';

const browser = withBrowser();

it('the analytics page shows in figures and charts what got done', async () => {
  const user = await newUser();
  for (const title of ['one', 'two', 'three']) {
    const { id } = await createTask(user, { title, tags: ['home'], priority: 'HIGH' });
    if (title === 'one') await ok(user, 'mutation ($id: ID!) { completeTask(id: $id) { id } }', { id });
  }
  const today = new Date().toISOString().slice(0, 10);
  const query = 'query ($day: Date!) { me { report(from: $day, to: $day) { total { created completed } } } }';
  await eventually(async () => {
    const { me } = await ok(user, query, { day: today });
    expect(me.report.total).toEqual({ created: 3, completed: 1 });
  });
  const page = await openBoard(await browser.open({ timezoneId: 'UTC' }), user);
  await page.getByRole('navigation').getByRole('link', { name: 'Analytics' }).click();
  const figure = (name: string) => page.getByRole('term').filter({ hasText: name }).locator('+ dd').textContent();
  await page.getByRole('term').filter({ hasText: 'Completion rate' }).waitFor();
  expect([await figure('Created'), await figure('Completed'), await figure('Completion rate')]).toEqual([
    '3',
    '1',
    '33 %',
  ]);
  const rowOf = (chart: string, name: string) =>
    page.getByRole('table', { name: chart }).getByRole('row', { name: new RegExp(`^${name}`) });
  expect(await rowOf('Created and completed', today).getByRole('cell').allTextContents()).toEqual(['3', '1']);
  expect(await rowOf('By priority', 'high').getByRole('cell').allTextContents()).toEqual(['3', '1']);
  expect(await rowOf('By tag', 'home').getByRole('cell').allTextContents()).toEqual(['3', '1']);
  // The bars are as high as the figures say.
  const bars = `[...document.querySelectorAll('figure')]
    .find((figure) => figure.textContent.startsWith('By tag'))
    .querySelectorAll('rect')`;
  const [created = 0, completed = 0] = (await page.evaluate(
    `[...${bars}].map((bar) => bar.getBBox().height)`,
  )) as number[];
  expect(created / completed).toBeCloseTo(3, 3);
  await page.getByLabel('Span').selectOption({ label: 'Last year' });
  const months = page.getByRole('table', { name: 'Created and completed' }).getByRole('row');
  // A row of heads, and one for each month.
  await eventually(async () => expect([13, 14]).toContain(await months.count()));
});
