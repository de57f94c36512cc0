import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { follows, hasSubscribers, type Follow, type Followed } from './testing/follow.ts';
import { eventually, startTestGateway, type TestGateway } from './testing/gateway.ts';
import { startTestServer, type TestServer } from './testing/server.ts';

let stage: TestGateway;
/** Stands for the subgraph of users; answers when the test wants it to. */
let users: TestServer;
let held: ServerResponse[];
const followed: Followed[] = [];
const start = async (settings: Record<string, string> = {}) => {
  stage = await startTestGateway({ PROPAGATE_HEADERS: 'x-locale', ...settings }, false, undefined, (sdl) =>
    sdl.replace(/(name: "users", url: )".*?"/, `$1"${users.origin}"`),
  );
};
beforeEach(async () => {
  held = [];
  users = await startTestServer();
  users.answer((_request, response) => held.push(response));
});
afterEach(async () => {
  followed.splice(0).forEach(({ leave }) => leave());
  await stage.stop();
  await users.stop();
});

const QUERY = 'subscription ($stars: Int) { reviewed(stars: $stars) { id user { name } } }';
const [[, overWebSocket], [, overEvents]] = follows as [[string, Follow], [string, Follow]];
const open = async (follow: Follow, wish: Partial<Parameters<Follow>[1]> = {}): Promise<Followed> => {
  const stream = await follow(stage, { query: QUERY, ...wish });
  followed.push(stream);
  await eventually(() => hasSubscribers(stage, followed.length));
  return stream;
};
const happen = (id = 'e1') =>
  stage.sidecar.deliver('review.added', { id, type: 't', subject: 'u1', data: { seller: 'ada', stars: 5 } });
const arrived = (count: number) => eventually(() => held.length === count);
const release = (body = '{"data":{"_entities":[{"__typename":"User","name":"Ada"}]}}') =>
  held.forEach((response) => response.end(body));
const shared = async () => (await stage.context.metrics.sharedExecutions.get()).values[0]?.value;
const result = (id = 'e1') => ({
  data: { reviewed: { id, user: { name: 'Ada' } } },
  extensions: { cursor: expect.any(String) },
});

test('two tabs of a user, each with a token of its own, share what an event takes', async () => {
  await start();
  const tokens = [await stage.issuer.token({ jti: '1', iat: 1 }), await stage.issuer.token({ jti: '2', iat: 2 })];
  const tabs = [
    await open(overWebSocket, { token: tokens[0] as string }),
    await open(overEvents, { token: tokens[1] as string }),
  ];
  for (const id of ['e1', 'e2', 'e3']) {
    await happen(id);
    await arrived(1);
    release();
    held = [];
    await eventually(() => tabs.every(({ got }) => got.at(-1)?.data.reviewed.id === id));
  }
  expect(users.requests).toHaveLength(3);
  expect(await shared()).toBe(3);
  for (const { got } of tabs) expect(got).toEqual(['e1', 'e2', 'e3'].map(result));
});

test.each<[what: string, wish: () => Promise<Partial<Parameters<Follow>[1]>>]>([
  ['other variables', async () => ({ variables: { stars: 5 } })],
  ['another document', async () => ({ query: 'subscription { reviewed { id user { id name } } }' })],
  ['other scopes', async () => ({ token: await stage.issuer.token({ scope: 'more' }) })],
  ['other claims', async () => ({ token: await stage.issuer.token({ tenant: 't2' }) })],
  ['other headers that subgraphs see', async () => ({ headers: { 'x-locale': 'de' } })],
])('a tab with %s has results of its own', async (_what, wish) => {
  await start();
  const tabs = [await open(overWebSocket), await open(overWebSocket, await wish())];
  await happen();
  await arrived(2);
  release();
  await eventually(() => tabs.every(({ got }) => got.length === 1));
  expect(await shared()).toBe(0);
});

test('nothing is shared where DEDUPLICATE says so', async () => {
  await start({ DEDUPLICATE: 'false' });
  const tabs = [await open(overWebSocket), await open(overWebSocket)];
  await happen();
  await arrived(2);
  release();
  await eventually(() => tabs.every(({ got }) => got.length === 1));
  expect(await shared()).toBe(0);
});

test('an error reaches all who share, each with its own cursor to go on from', async () => {
  await start({ SUBGRAPH_RETRIES: '0' });
  const tabs = [await open(overWebSocket), await open(overEvents)];
  await happen();
  await arrived(1);
  held.forEach((response) => response.writeHead(500).end());
  await eventually(() => tabs.every(({ got }) => got.length === 1));
  for (const { got } of tabs)
    expect(got).toEqual([
      {
        data: { reviewed: { id: 'e1', user: null } },
        errors: [expect.objectContaining({ extensions: expect.objectContaining({ code: 'SUBGRAPH_UNAVAILABLE' }) })],
        extensions: expect.objectContaining({ cursor: expect.any(String) }),
      },
    ]);
  held = [];
  await happen('e2');
  await arrived(1);
  release();
  await eventually(() => tabs.every(({ got }) => got.length === 2));
  expect(users.requests).toHaveLength(2);
});

describe('whoever leaves', () => {
  test('leaves the others theirs', async () => {
    await start();
    const [first, second] = [await open(overWebSocket), await open(overEvents)];
    await happen();
    await arrived(1);
    first.leave();
    await eventually(() => hasSubscribers(stage, 1));
    release();
    await eventually(() => second.got.length === 1);
    expect(second.got).toEqual([result()]);
    expect(users.requests).toHaveLength(1);
  });

  test('last ends what is under way', async () => {
    await start();
    const [first, second] = [await open(overWebSocket), await open(overEvents)];
    await happen();
    await arrived(1);
    const broken = new Promise((resolve) => held[0]?.once('close', resolve));
    first.leave();
    await eventually(() => hasSubscribers(stage, 1));
    expect(held[0]?.destroyed).toBe(false);
    second.leave();
    await broken;
    const { values } = await stage.context.metrics.fetchSeconds.get();
    expect(values.some(({ labels }) => labels.subgraph === 'users' && labels.outcome === 'cancelled')).toBe(true);
  });
});
