import { expect, it } from '@jest/globals';
import { signIn } from '@todo/dev/identity/client';
import { valueOf } from './soak/gateway.ts';
import { eventually } from './stack/eventually.ts';
import { createTask, ok } from './stack/graphql.ts';
import { app, ready } from './stack/ready.ts';
import { subscribe, subscribeSse } from './stack/subscription.ts';
import { newUser } from './stack/user.ts';

const CHANGES = 'subscription { taskChanged { version task { id title } } }';
const RENAME = 'mutation ($id: ID!, $title: String!) { updateTask(id: $id, input: { title: $title }) { version } }';

const shared = async (): Promise<number> => {
  const response = await fetch(`http://127.0.0.1:${app('api-gateway').port}/metrics`);
  return valueOf(await response.text(), 'gateway_event_executions_shared_total');
};

it('two browsers of a user, each signed in by itself, cost the subgraphs as much as one', async () => {
  const user = await newUser();
  const again = { ...user };
  // Tokens of one user and second are the same text.
  await eventually(async () => {
    again.token = await signIn(ready().urls.identity, user);
    expect(again.token).not.toBe(user.token);
  });
  const before = await shared();
  const browsers = [await subscribe(user, CHANGES), await subscribeSse(again, CHANGES)];
  const { id } = await createTask(user, { title: 'Version 1' });
  for (let version = 1; version <= 4; version++) {
    if (version > 1) await ok(user, RENAME, { id, title: `Version ${version}` });
    const seen = await Promise.all(
      browsers.map((browser) => browser.next(({ taskChanged }) => taskChanged.version === version)),
    );
    expect(seen.map(({ taskChanged }) => taskChanged.task)).toEqual(
      Array.from(browsers, () => ({ id, title: `Version ${version}` })),
    );
  }
  expect((await shared()) - before).toBe(4);
  await Promise.all(browsers.map((browser) => browser.stop()));
});
