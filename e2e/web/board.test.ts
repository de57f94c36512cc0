import { expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { eventually } from '../stack/eventually.ts';
import { createTask, ok } from '../stack/graphql.ts';
import { card, column, isLive, newUser, openBoard, origin, withBrowser } from './page.ts';

const browser = withBrowser();

it('a person signs up, creates a task, and is still signed in when the page is loaded again', async () => {
  const context = await browser.open();
  const page = await context.newPage();
  await page.goto(`${origin()}/app/`);
  await page.getByRole('button', { name: 'I am new here' }).click();
  await page.getByLabel('Name').fill('Ada');
  await page.getByLabel('E-mail').fill(`ada-${randomUUID()}@example.com`);
  await page.getByLabel('Password').fill('correct horse');
  await page.getByRole('button', { name: 'Sign up' }).click();
  await isLive(page);
  await column(page, 'To do').getByText('Nothing here.').waitFor();

  await page.getByRole('button', { name: 'New task' }).click();
  await page.getByRole('dialog').getByLabel('Title').fill('Water the plants');
  await page.getByRole('dialog').getByLabel('Due', { exact: true }).fill('2040-01-01T09:00');
  await page.getByRole('dialog').getByLabel('Tags').fill('home, Green');
  await page.getByRole('button', { name: 'Create' }).click();
  await card(page, 'Water the plants', 'To do').waitFor();

  await page.reload();
  await card(page, 'Water the plants', 'To do').waitFor();
  await column(page, 'To do').getByText('green').waitFor();
  // Whoever reads what the browser stores finds no token.
  const stored = await page.evaluate('JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie])');
  expect(stored).not.toMatch(/eyJ|session_token/);
});

it('a task is moved by dragging, by the keyboard alone and by the menu', async () => {
  const user = await newUser();
  const { id } = await createTask(user, { title: 'Moved about' });
  const page = await openBoard(await browser.open(), user);
  const status = async () => (await ok(user, 'query ($id: ID!) { task(id: $id) { status } }', { id })).task.status;

  await card(page, 'Moved about', 'To do').dragTo(column(page, 'In progress'));
  await card(page, 'Moved about', 'In progress').waitFor();

  await card(page, 'Moved about').focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Space');
  await card(page, 'Moved about', 'Done').waitFor();
  await page.getByTestId('announcer').getByText('“Moved about” moved to Done.').waitFor({ state: 'attached' });
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Moved about');

  await page.getByLabel('Move “Moved about”').selectOption({ label: 'To do' });
  await card(page, 'Moved about', 'To do').waitFor();
  await eventually(async () => expect(await status()).toBe('PENDING'));
});
