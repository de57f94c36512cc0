import { expect, it } from '@jest/globals';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { openEventSource } from './stack/event-source.ts';
import { createTask } from './stack/graphql.ts';
import { ready } from './stack/ready.ts';
import { newUser } from './stack/user.ts';

const CHANGES = 'subscription { taskChanged { task { title } } }';
const titles = (results: any[]): string[] => results.map(({ data }) => data.taskChanged.task.title);

it('a browser that connects again gets what it missed, once, and then what is new', async () => {
  const user = await newUser();
  const first = await openEventSource(user, CHANGES);
  await createTask(user, { title: 'seen' });
  expect(titles(await first.take(1))).toEqual(['seen']);
  first.close();

  for (const title of ['missed 1', 'missed 2', 'missed 3']) await createTask(user, { title });
  const second = await openEventSource(user, CHANGES, first.lastEventId());
  await createTask(user, { title: 'new' });
  expect(titles(await second.take(4)).sort()).toEqual(['missed 1', 'missed 2', 'missed 3', 'new']);
  second.close();
});

it('one that had seen nothing yet goes on from where it subscribed', async () => {
  const user = await newUser();
  const first = await openEventSource(user, CHANGES);
  first.close();
  await createTask(user, { title: 'missed' });
  const second = await openEventSource(user, CHANGES, first.lastEventId());
  expect(titles(await second.take(1))).toEqual(['missed']);
  second.close();
});

it('over WebSocket the cursor of the last result says where to go on', async () => {
  const user = await newUser();
  const client = createClient({
    url: ready().urls.graphql.replace('http', 'ws'),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${user.token}` },
    retryAttempts: 0,
  });
  const first = await openEventSource(user, CHANGES);
  await createTask(user, { title: 'seen' });
  const [{ extensions }] = await first.take(1);
  first.close();
  await createTask(user, { title: 'missed' });
  const results = client.iterate({ query: CHANGES, extensions: { cursor: extensions.cursor } });
  const { value } = await results.next();
  expect(titles([value])).toEqual(['missed']);
  await results.return?.();
  await client.dispose();
});

it('a cursor that is none of the subscription is refused, with what to do', async () => {
  const source = await openEventSource(await newUser(), CHANGES, 'nonsense');
  const [{ errors }] = await source.take(1);
  expect(errors[0]).toMatchObject({
    message: expect.stringContaining('leave it out'),
    extensions: { code: 'BAD_USER_INPUT' },
  });
});
