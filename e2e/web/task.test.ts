import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually } from '../stack/eventually.ts';
import { createTask, ok } from '../stack/graphql.ts';
import { remindersOf } from '../stack/reminders.ts';
import type { User } from '../stack/user.ts';
import { card, newUser, openBoard, withBrowser } from './page.ts';

const browser = withBrowser();
const DUE = '2040-01-01T09:00:00Z';
const titleOf = async (user: User, id: string): Promise<string> =>
  (await ok(user, 'query ($id: ID!) { task(id: $id) { title } }', { id })).task.title;
const rename = (user: User, id: string, title: string): Promise<unknown> =>
  ok(user, 'mutation ($id: ID!, $title: String!) { updateTask(id: $id, input: { title: $title }) { id } }', {
    id,
    title,
  });

async function openTask(page: Page, title: string) {
  await card(page, title).click();
  return page.getByRole('dialog');
}

it('reminders are added, put off and taken back', async () => {
  const user = await newUser();
  const { id } = await createTask(user, { title: 'Renew the passport', dueAt: DUE });
  const page = await openBoard(await browser.open(), user);
  const dialog = await openTask(page, 'Renew the passport');
  const rows = dialog.getByRole('region', { name: 'Reminders' }).getByRole('listitem');
  await eventually(async () => expect(await remindersOf(user, id)).toHaveLength(2));
  await page.keyboard.press('Escape');
  await openTask(page, 'Renew the passport');
  await rows.filter({ hasText: 'When due: 1 Jan 2040, 10:00' }).waitFor();

  await dialog.getByRole('combobox', { name: 'Remind' }).selectOption('P1D');
  await dialog.getByRole('button', { name: 'Add', exact: true }).click();
  const added = rows.filter({ hasText: 'Before: 31 Dec 2039, 10:00' });
  await added.waitFor();
  await added.getByLabel(/^Snooze/).selectOption({ label: '1 hour' });
  const snoozed = rows.filter({ hasText: 'Before: 31 Dec 2039, 11:00 (snoozed)' });
  await snoozed.waitFor();
  expect((await remindersOf(user, id)).map(({ at }) => at)).toContain('2039-12-31T10:00:00.000Z');
  await snoozed.getByRole('button', { name: 'Remove' }).click();
  await snoozed.waitFor({ state: 'detached' });
  expect(await remindersOf(user, id)).toHaveLength(2);
});

it('a recurrence shows its dates before it is set; a date is skipped; the series ends', async () => {
  const user = await newUser();
  const { id } = await createTask(user, { title: 'Water the plants', dueAt: DUE, dueTimeZone: 'Europe/Berlin' });
  const page = await openBoard(await browser.open(), user);
  const dialog = await openTask(page, 'Water the plants');
  const recurrence = dialog.getByRole('region', { name: 'Recurrence' });
  const dates = recurrence.getByRole('list', { name: 'The first dates' }).getByRole('listitem');
  const shows = (...expected: string[]) =>
    eventually(async () => expect(await dates.allTextContents()).toEqual(expected));
  const rule = async () =>
    (await ok(user, 'query ($id: ID!) { task(id: $id) { recurrence { rule nextDate } } }', { id })).task.recurrence;

  await recurrence.getByLabel('Unit').selectOption({ label: 'days' });
  await recurrence.getByLabel('Every').fill('2');
  await recurrence.getByLabel('Ends').selectOption({ label: 'until a day' });
  await recurrence.getByLabel('Last day').fill('2040-01-03');
  await shows('1 Jan 2040, 10:00', '3 Jan 2040, 10:00');
  await recurrence.getByLabel('Ends').selectOption({ label: 'so many times' });
  await recurrence.getByRole('spinbutton', { name: 'Times' }).fill('3');
  await shows('1 Jan 2040, 10:00', '3 Jan 2040, 10:00', '5 Jan 2040, 10:00');
  expect(await rule()).toBeNull();

  await recurrence.getByRole('button', { name: 'Set' }).click();
  await recurrence.getByText('Every 2 days, 3 times, next on 3 Jan 2040, 10:00').waitFor();
  await recurrence.getByRole('button', { name: 'Skip the next date' }).click();
  await recurrence.getByText('next on 5 Jan 2040, 10:00').waitFor();
  expect(await rule()).toEqual({ rule: 'FREQ=DAILY;INTERVAL=2;COUNT=3', nextDate: '2040-01-05T09:00:00.000Z' });
  await recurrence.getByRole('button', { name: 'End the series' }).click();
  await recurrence.getByText('Every 2 days').waitFor({ state: 'detached' });
  expect(await rule()).toBeNull();
});

it('an edit that was overtaken shows what is different, and either is kept', async () => {
  const user = await newUser();
  const { id } = await createTask(user, { title: 'Ours' });
  const page = await openBoard(await browser.open(), user);
  const dialog = await openTask(page, 'Ours');
  const title = dialog.getByLabel('Title');
  await title.fill('Mine');
  await rename(user, id, 'Theirs');
  const overtaken = dialog.getByRole('alert').filter({ hasText: 'changed elsewhere' });
  await overtaken.getByText('Title: Theirs').waitFor();
  expect(await title.inputValue()).toBe('Mine');
  await overtaken.getByRole('button', { name: 'Take theirs' }).click();
  expect(await title.inputValue()).toBe('Theirs');

  // It is overtaken on its way: the service says CONFLICT.
  const held = Promise.withResolvers<void>();
  await page.route('**/graphql', async (route) => {
    if (route.request().postDataJSON().operationName === 'UpdateTask') await held.promise;
    await route.continue();
  });
  await title.fill('Mine, after all');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await rename(user, id, 'Theirs again');
  held.resolve();
  await overtaken.getByText('Title: Theirs again').waitFor();
  await overtaken.getByRole('button', { name: 'Keep mine' }).click();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  await card(page, 'Mine, after all', 'To do').waitFor();
  expect(await titleOf(user, id)).toBe('Mine, after all');
});

it('its history says what became of it', async () => {
  const user = await newUser();
  const { id } = await createTask(user, { title: 'Write to Charles' });
  await ok(user, 'mutation ($id: ID!) { startTask(id: $id) { id } }', { id });
  const history = 'query ($id: ID!) { task(id: $id) { history { nodes { version } } } }';
  await eventually(async () => expect((await ok(user, history, { id })).task.history.nodes).toHaveLength(2));
  const page = await openBoard(await browser.open(), user);
  const dialog = await openTask(page, 'Write to Charles');
  await dialog.getByText('History').click();
  const changes = dialog.getByRole('list', { name: 'Changes' }).getByRole('listitem');
  await changes.first().waitFor();
  expect((await changes.allTextContents()).map((text) => text.replace(/^.*\d\d:\d\d /, ''))).toEqual([
    'Moved to In progress',
    'Created',
  ]);
  await page.keyboard.press('Escape');
  await card(page, 'Write to Charles', 'In progress').waitFor();
});
