import { afterAll, beforeAll, expect } from '@jest/globals';
import { startBrowser } from '@todo/service/testing/browser';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { ready } from '../stack/ready.ts';
import { newUser, type User } from '../stack/user.ts';

/** Where the stack serves the pages. */
export const origin = (): string => new URL(ready().urls.graphql).origin;

/** A browser for the tests of a file. Whatever its pages are refused by their policy, throw or ask elsewhere fails them. */
export function withBrowser(): { open(options?: BrowserContextOptions): Promise<BrowserContext> } {
  let browser: Browser;
  const contexts: BrowserContext[] = [];
  const faults: string[] = [];
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(async () => {
    for (const context of contexts) await context.close();
    await browser?.close();
    expect(faults).toEqual([]);
  });
  return {
    open: async (options = {}) => {
      const context = await browser.newContext({ locale: 'en-GB', timezoneId: 'Europe/Berlin', ...options });
      contexts.push(context);
      // So that it tells what hangs, and not how busy the machine is.
      context.setDefaultTimeout(60_000);
      await context.exposeFunction('noteViolation', (violation: string) => faults.push(violation));
      await context.addInitScript(`addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
        noteViolation('policy: ' + effectiveDirective + ' ' + blockedURI))`);
      context.on('request', (request) => {
        const { hostname, protocol } = new URL(request.url());
        if (hostname !== 'localhost' && !/^(?:data|blob):$/.test(protocol)) faults.push(`asked ${request.url()}`);
      });
      context.on('weberror', (error) => faults.push(String(error.error())));
      return context;
    },
  };
}

/** Signs a user in on a page of the context, as a person does, and waits for the board to be live. */
export async function openBoard(context: BrowserContext, user: User): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${origin()}/app/`);
  await page.getByLabel('E-mail').fill(user.email);
  await page.getByLabel('Password').fill(user.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await isLive(page);
  return page;
}

/** Resolves once changes come to the page as they happen. */
export const isLive = (page: Page): Promise<void> => page.getByRole('status', { name: 'Connection: Live' }).waitFor();

/** The column of a status, by its title. */
export const column = (page: Page, title: string) => page.getByRole('region', { name: new RegExp(`^${title}`) });

/** A card in a column, or anywhere. */
export const card = (page: Page, title: string, of?: string) =>
  (of === undefined ? page : column(page, of)).getByRole('button', { name: title, exact: true });

/** Resolves once the page counts so many unread entries of the feed. */
export const unread = (page: Page, count: number): Promise<void> =>
  page
    .getByTestId('unread')
    .filter({ hasText: new RegExp(`^${count} unread$`) })
    .waitFor();

export { newUser };
