import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '../stack/eventually.ts';
import { card, isLive, newUser, origin, withBrowser } from './page.ts';

const browser = withBrowser();

/** What has the focus, as a screen reader names it at the least; what was opened or closed may take a moment to give it. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(`(() => {
    const { activeElement: it } = document;
    return (it.getAttribute('aria-label') ?? it.labels?.[0]?.firstChild?.textContent ?? it.textContent ?? '').trim();
  })()`) as Promise<string>;

/** Presses Tab until something has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  const passed: string[] = [];
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press('Tab');
    const now = await focused(page);
    if (now === name) return;
    passed.push(now);
  }
  throw new Error(`Tab does not lead to ${name}, but to ${passed.join(', ')}`);
}

it('everything from signing in to moving and editing is done with the keyboard alone', async () => {
  const user = await newUser();
  const page = await (await browser.open({ viewport: { width: 1280, height: 800 } })).newPage();
  const { keyboard } = page;
  await page.goto(`${origin()}/app/`);
  await page.getByRole('button', { name: 'Sign in' }).waitFor();
  await tabTo(page, 'E-mail');
  await keyboard.type(user.email);
  await tabTo(page, 'Password');
  await keyboard.type(user.password);
  await keyboard.press('Enter');
  await isLive(page);

  await tabTo(page, 'New task');
  await keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await eventually(async () => expect(await focused(page)).toBe('Title'));
  await keyboard.type('By hand');
  await keyboard.press('Enter');
  await card(page, 'By hand', 'To do').waitFor();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await eventually(async () => expect(await focused(page)).toBe('New task'));

  await tabTo(page, 'By hand');
  await keyboard.press('Space');
  await keyboard.press('ArrowRight');
  await keyboard.press('Space');
  await card(page, 'By hand', 'In progress').waitFor();
  await eventually(async () => expect(await focused(page)).toBe('By hand'));

  await keyboard.press('Enter');
  await page.getByRole('dialog').getByLabel('Title').waitFor();
  await tabTo(page, 'Priority');
  await keyboard.press('ArrowDown');
  await tabTo(page, 'Save');
  await keyboard.press('Enter');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.getByText('high', { exact: true }).and(page.locator('.priority')).waitFor();
  await eventually(async () => expect(await focused(page)).toBe('By hand'));

  await keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await eventually(async () => expect(await focused(page)).toBe('By hand'));
});
