import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { decodeIdentity } from '@todo/service/identity';
import { markOf } from './subscriptions/cursor.ts';
import { withScopes } from './testing/changes.ts';
import { hasSubscribers, openLine, type Line } from './testing/follow.ts';
import { eventually, ready, startTestGateway, type TestGateway } from './testing/gateway.ts';
import { startTestServer, type TestServer } from './testing/server.ts';

let stage: TestGateway;
let users: TestServer;
let line: Line;
/** What the subgraph of users was asked and has not answered. */
let held: { request: IncomingMessage; response: ServerResponse }[];
const start = async (token: string | undefined, change = (sdl: string): string => sdl) => {
  stage = await startTestGateway({}, false, undefined, (sdl) =>
    change(sdl).replace(/(name: "users", url: )".*?"/, `$1"${users.origin}"`),
  );
  await ready(stage);
  line = await openLine(
    stage,
    token === undefined ? undefined : await stage.issuer.token({ team: token, scope: token }),
  );
};
beforeEach(async () => {
  held = [];
  users = await startTestServer();
  users.answer((request, response) => void held.push({ request, response }));
});
afterEach(async () => {
  line.close();
  await stage.stop();
  await users.stop();
});

const happen = (id: string, data: Record<string, unknown> = {}) =>
  stage.sidecar.deliver('review.added', { id, type: 't', subject: 'u1', data: { seller: 'ada', stars: 5, ...data } });
/** Answers the next fetch; resolves with whom it was for. */
async function answerNext() {
  await eventually(() => held.length > 0);
  const { request, response } = held.shift() as (typeof held)[0];
  response.end('{"data":{"_entities":[{"__typename":"User","name":"Ada"}]}}');
  return decodeIdentity(request.headers['x-identity'] as string);
}
const QUERY = 'subscription { reviewed { id user { name } } }';

test('is whom the fetches of open streams are for, from the next event on', async () => {
  await start('one');
  const stream = line.subscribe({ query: QUERY });
  await eventually(() => hasSubscribers(stage, 1));
  await happen('e1');
  expect(await answerNext()).toMatchObject({ sub: 'ada', scopes: ['one'] });
  await line.refresh(await stage.issuer.token({ scope: 'two' }));
  await happen('e2');
  expect(await answerNext()).toMatchObject({ sub: 'ada', scopes: ['two'] });
  await eventually(() => stream.got.length === 2);
});

test('decides what the filter lets through, also of events that were waiting', async () => {
  await start('red', (sdl) =>
    sdl.replace('event.data.seller == identity.sub', 'event.data.team == identity.claims.team'),
  );
  const stream = line.subscribe({ query: QUERY });
  await eventually(() => hasSubscribers(stage, 1));
  await happen('e1', { team: 'red' });
  await eventually(() => held.length === 1);
  await happen('e2', { team: 'red' });
  await line.refresh(await stage.issuer.token({ team: 'blue' }));
  await happen('e3', { team: 'blue' });
  await answerNext();
  expect((await answerNext())?.claims['team']).toBe('blue');
  await eventually(() => stream.got.length === 2);
  expect(stream.got.map(({ data }) => data.reviewed.id)).toEqual(['e1', 'e3']);
});

test('takes away and gives fields of an open stream', async () => {
  await start('watch', (sdl) => withScopes(sdl, '  subject: String'));
  const stream = line.subscribe({ query: 'subscription { reviewed { id subject } }' });
  await eventually(() => hasSubscribers(stage, 1));
  const subjects = async (id: string) => {
    const before = stream.got.length;
    await happen(id);
    await eventually(() => stream.got.length > before);
    return stream.got.at(-1)?.data.reviewed.subject;
  };
  expect(await subjects('e1')).toBe('u1');
  await line.refresh(await stage.issuer.token());
  expect(await subjects('e2')).toBe(null);
  await line.refresh(await stage.issuer.token({ scope: 'watch' }));
  expect(await subjects('e3')).toBe('u1');
});

test('ends a stream that it does not permit with FORBIDDEN and its cursor, and no other', async () => {
  await start('watch', withScopes);
  const protectedOne = line.subscribe({ query: 'subscription { reviewed { id } }' });
  const open = line.subscribe({ query: 'subscription { announced { id } }' });
  await eventually(() => hasSubscribers(stage, 2));
  await happen('e1');
  await eventually(() => protectedOne.got.length === 1);
  await line.refresh(await stage.issuer.token());
  await eventually(() => protectedOne.isOver());
  const cursor = protectedOne.got[0]?.extensions?.cursor as string;
  expect(protectedOne.got.slice(1)).toEqual([
    {
      errors: [
        {
          message: 'your access token does not permit Subscription.reviewed',
          extensions: { code: 'FORBIDDEN', coordinate: 'Subscription.reviewed', cursor },
        },
      ],
    },
  ]);
  await stage.sidecar.deliver('announced', { id: 'a1', type: 'a', data: {} });
  await eventually(() => open.got.length === 1);

  await happen('e2');
  await line.refresh(await stage.issuer.token({ scope: 'watch' }));
  const again = line.subscribe({ query: 'subscription { reviewed { id } }', cursor });
  await eventually(() => again.got.length === 1);
  expect(again.got).toMatchObject([{ data: { reviewed: { id: 'e2' } } }]);
});

test('counts for a stream that was still being opened', async () => {
  await start('one');
  const first = line.subscribe({ query: QUERY });
  await eventually(() => hasSubscribers(stage, 1));
  await happen('e1');
  await answerNext();
  await eventually(() => first.got.length === 1);
  first.leave();
  await eventually(() => hasSubscribers(stage, 0));
  // Of a replica that has e2 already: opening waits for it.
  const [version, topics, parts] = JSON.parse(
    Buffer.from(first.got[0]?.extensions?.cursor as string, 'base64url').toString(),
  );
  parts[0][0] = [parts[0][0][0] + 1, markOf('/test e2')];
  const cursor = Buffer.from(JSON.stringify([version, topics, parts])).toString('base64url');
  const second = line.subscribe({ query: QUERY, cursor });
  await line.refresh(await stage.issuer.token({ scope: 'two' }));
  await happen('e2');
  await eventually(() => hasSubscribers(stage, 1));
  await happen('e3');
  expect((await answerNext())?.scopes).toEqual(['two']);
  await eventually(() => second.got.length === 1);
  expect(second.got[0]?.data.reviewed.id).toBe('e3');
});
