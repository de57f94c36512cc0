import { expect, it } from '@jest/globals';
import { createTask, ok } from './stack/graphql.ts';
import { gateways } from './stack/replicas.ts';
import { subscribe, subscribeSse } from './stack/subscription.ts';
import { newUser } from './stack/user.ts';
import { withReplica } from './stack/with-replica.ts';

withReplica();

const CHANGES = 'subscription { taskChanged { version task { id } } }';
const RENAME = 'mutation ($id: ID!, $title: String!) { updateTask(id: $id, input: { title: $title }) { version } }';

it('a mutation through either replica reaches the subscribers of both, each event once', async () => {
  const user = await newUser();
  const urls = gateways().map(({ graphql }) => graphql);
  const lives = await Promise.all(
    urls.flatMap((url) => [subscribe(user, CHANGES, {}, url), subscribeSse(user, CHANGES, {}, url)]),
  );
  const { id } = await createTask(user, { title: 'Version 1' }, urls[0]);
  await Promise.all(lives.map((live) => live.next()));
  // Changes of one task come in order, so that nothing of them can follow the last.
  for (let version = 2; version <= 9; version++)
    await ok(user, RENAME, { id, title: `Version ${version}` }, urls[version % 2]);
  await Promise.all(lives.map((live) => live.next(({ taskChanged }) => taskChanged.version === 9)));
  for (const { received } of lives) {
    expect(received.map(({ taskChanged }) => taskChanged)).toEqual(
      Array.from({ length: 9 }, (_, i) => ({ version: i + 1, task: { id } })),
    );
  }
  await Promise.all(lives.map((live) => live.stop()));
});
