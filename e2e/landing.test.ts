import { expect, it } from '@jest/globals';
import { createTask, graphql } from './stack/graphql.ts';
import { ready } from './stack/ready.ts';
import { subscribe } from './stack/subscription.ts';
import { newUser } from './stack/user.ts';

const SANDBOX = 'https://studio.apollographql.com';

it('a browser that opens the gateway gets Apollo Sandbox and links to what is served', async () => {
  const { origin } = new URL(ready().urls.graphql);
  const response = await fetch(origin);
  const page = await response.text();
  expect([response.status, response.headers.get('content-security-policy')]).toEqual([
    200,
    expect.stringContaining("default-src 'none'"),
  ]);
  expect(page).toContain(`${SANDBOX}/sandbox/explorer?endpoint=${encodeURIComponent(`${origin}/graphql`)}`);
  const links = [...page.matchAll(/href="(\/[^"]*|http:\/\/(?:127|localhost)[^"]*)"/g)].map(([, href = '']) => href);
  expect(links.length).toBeGreaterThan(2);
  for (const link of links) expect([link, (await fetch(new URL(link, origin))).status]).toEqual([link, 200]);
});

it('Apollo’s hosted Sandbox can query and subscribe', async () => {
  const { graphql: url } = ready().urls;
  const user = await newUser();
  const preflight = await fetch(url, {
    method: 'OPTIONS',
    headers: { origin: SANDBOX, 'access-control-request-method': 'POST' },
  });
  expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([204, SANDBOX]);
  const { data } = await graphql(user, '{ __schema { queryType { name } } }', {}, { origin: SANDBOX });
  expect(data).toEqual({ __schema: { queryType: { name: 'Query' } } });

  const live = await subscribe(user, 'subscription { taskChanged { task { title } } }', {}, url, SANDBOX);
  await createTask(user, { title: 'Seen from the Sandbox' });
  expect(await live.next()).toEqual({ taskChanged: { task: { title: 'Seen from the Sandbox' } } });
  await live.stop();
});
