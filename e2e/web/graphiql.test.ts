import { expect, it } from '@jest/globals';
import { createTask } from '../stack/graphql.ts';
import { newUser, openBoard, origin, withBrowser } from './page.ts';

const browser = withBrowser();

const address = (query: string): string => `${origin()}/graphiql/?query=${encodeURIComponent(query)}`;

const QUERY = `query Mine {
  me {
    id
    unreadNotifications
    tasks(first: 2) {
      nodes {
        title
        status
        dueAt
        reminders {
          kind
          at
        }
      }
    }
  }
}`;

it('GraphiQL runs queries and subscriptions with the signed-in token, without the internet', async () => {
  const user = await newUser();
  const context = await browser.open({ viewport: { width: 1280, height: 800 } });
  await createTask(user, { title: 'Water the plants', dueAt: '2040-01-01T09:00:00Z' });
  await openBoard(context, user);
  const page = await context.newPage();
  await page.goto(address(QUERY));
  await page.getByRole('button', { name: /execute query/i }).click();
  await page
    .getByRole('region', { name: /result/i })
    .getByText(user.id)
    .waitFor();
  await page.screenshot({ path: 'docs/img/graphiql.png' });

  await page.goto(address('subscription Live { taskChanged { task { title } } }'));
  await page.getByRole('button', { name: /execute query/i }).click();
  await page.getByRole('button', { name: /stop query/i }).waitFor();
  await createTask(user, { title: 'SeenInGraphiQL' });
  const event = page.getByRole('region', { name: /result/i }).getByText('SeenInGraphiQL');
  await event.waitFor();
  expect(await event.count()).toBe(1);
});
