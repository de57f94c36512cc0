import { expect, it } from '@jest/globals';
import axe from 'axe-core';
import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { eventually } from '../stack/eventually.ts';
import { createTask, ok } from '../stack/graphql.ts';
import type { User } from '../stack/user.ts';
import { card, newUser, openBoard, origin, withBrowser } from './page.ts';

const browser = withBrowser();
const MAX_FIRST_LOAD = 200 * 1024;
mkdirSync('docs/img', { recursive: true });

/** What axe finds that keeps somebody out. It is run as a script of the tests, which the page's policy does not concern. */
async function seriousIn(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults;
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

/** Enough to see what a board looks like. */
const TASKS: { input: object; moves: string[] }[] = [
  { input: { title: 'Read the tenancy agreement', tags: ['flat'], priority: 'LOW' }, moves: ['cancelTask'] },
  { input: { title: 'Pay the deposit', tags: ['flat'], priority: 'HIGH' }, moves: ['completeTask'] },
  { input: { title: 'Measure the kitchen', tags: ['flat'] }, moves: ['startTask', 'completeTask'] },
  { input: { title: 'Book the train', tags: ['travel'] }, moves: ['completeTask'] },
  {
    input: {
      title: 'Write to Charles',
      priority: 'HIGH',
      dueAt: '2040-03-02T16:00:00Z',
      checklist: [{ text: 'Find the address', done: true }, { text: 'Stamps' }],
    },
    moves: ['startTask'],
  },
  {
    input: {
      title: 'Sketch the engine',
      description: 'The mill first, then the store: how many columns does it need?',
      tags: ['work', 'maths'],
    },
    moves: ['startTask'],
  },
  { input: { title: 'Return the library books', dueAt: '2026-01-05T17:00:00Z', tags: ['home'] }, moves: [] },
  {
    input: { title: 'Water the plants', description: 'The fern wants more than the others.', tags: ['home'] },
    moves: [],
  },
  {
    input: {
      title: 'Renew the passport',
      priority: 'URGENT',
      dueAt: '2040-01-01T09:00:00Z',
      tags: ['papers', 'travel'],
    },
    moves: [],
  },
];

/** What leads to each screen beside the board, and what is on it. */
const SCREENS = [
  [/^Feed/, 'Mark all as read'],
  [/^Analytics/, 'Created and completed'],
  [/^Preferences/, 'Time zone'],
] as const;

async function someTasks(user: User): Promise<void> {
  for (const { input, moves } of TASKS) {
    const { id } = await createTask(user, input);
    for (const move of moves) await ok(user, `mutation ($id: ID!) { ${move}(id: $id) { id } }`, { id });
  }
  const day = new Date().toISOString().slice(0, 10);
  const query = 'query ($day: Date!) { me { report(from: $day, to: $day) { total { completed } } } }';
  await eventually(async () => expect((await ok(user, query, { day })).me.report.total.completed).toBe(3));
}

it.each(['light', 'dark'] as const)('every screen is accessible, %s', async (colorScheme) => {
  const user = await newUser();
  await someTasks(user);
  const context = await browser.open({ colorScheme, viewport: { width: 1280, height: 800 } });
  const entrance = await context.newPage();
  await entrance.goto(`${origin()}/app/`);
  await entrance.getByRole('button', { name: 'I am new here' }).click();
  await entrance.getByLabel('Name').waitFor();
  expect(await seriousIn(entrance)).toEqual([]);
  await entrance.close();
  const page = await openBoard(context, user);
  await card(page, 'Book the train', 'Done').waitFor();
  expect(await seriousIn(page)).toEqual([]);
  if (colorScheme === 'light') await page.screenshot({ path: 'docs/img/board.png' });
  await card(page, 'Renew the passport').click();
  await page.getByRole('heading', { name: 'Recurrence' }).waitFor();
  await page.getByRole('list', { name: 'The first dates' }).getByRole('listitem').first().waitFor();
  expect(await seriousIn(page)).toEqual([]);
  await page.keyboard.press('Escape');
  for (const [link, sign] of SCREENS) {
    await page.getByRole('navigation').getByRole('link', { name: link }).click();
    await page.getByText(sign).first().waitFor();
    expect(await seriousIn(page)).toEqual([]);
    if (sign.startsWith('Created') && colorScheme === 'light') {
      await page.getByLabel('Span').selectOption({ label: 'Last 7 days' });
      await page.getByRole('table', { name: 'By tag' }).getByRole('row', { name: /^flat/ }).waitFor();
      await page.screenshot({ path: 'docs/img/analytics.png' });
    }
  }
});

it('fits on a screen of 360 pixels, and its first load is small', async () => {
  const user = await newUser();
  await someTasks(user);
  const context = await browser.open({ viewport: { width: 360, height: 740 } });
  const page = await openBoard(context, user);
  await card(page, 'Book the train').waitFor();
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  const again = await context.newPage();
  let total = 0;
  again.on('response', (response) => {
    const { 'content-length': length, 'content-encoding': encoding } = response.headers();
    if (!new URL(response.url()).pathname.startsWith('/app/')) return;
    expect([response.url(), encoding]).toEqual([response.url(), expect.stringMatching(/gzip|br/)]);
    total += Number(length);
  });
  const fresh = await again.context().newCDPSession(again);
  await fresh.send('Network.setCacheDisabled', { cacheDisabled: true });
  const answer = await again.goto(`${origin()}/app/`, { waitUntil: 'networkidle' });
  expect(answer?.headers()['content-security-policy']).toMatch(
    /^default-src 'none'; script-src 'self'; style-src 'self';/,
  );
  expect(total).toBeGreaterThan(20_000);
  expect(total).toBeLessThan(MAX_FIRST_LOAD);
});
