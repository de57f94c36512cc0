import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import type { Caller, GatewayContext } from '../context.ts';
import { testCaller, testContext } from '../testing/context.ts';
import { eventually } from '../testing/gateway.ts';
import { startTestServer, type TestServer } from '../testing/server.ts';
import { startSubgraphClient, type SendToSubgraph, type SubgraphClient } from './client.ts';

let server: TestServer;
let context: GatewayContext;
let client: SubgraphClient;
let held: ServerResponse[];

const start = async (settings: Record<string, string> = {}) => {
  await client?.stop();
  context = testContext(settings);
  client = startSubgraphClient(context);
};
beforeEach(async () => {
  held = [];
  server = await startTestServer();
  server.answer((_request, response) => held.push(response));
  await start();
});
afterEach(async () => {
  await server.stop();
  await client.stop();
});

const identity = { sub: 'ada', scopes: [], claims: {} };
const ada = (overrides: Partial<Caller> = {}) => testCaller({ identity, ...overrides });
type Given = { caller?: Caller; options?: Parameters<SendToSubgraph>[3] };
const send = (
  { caller = ada(), options }: Given = {},
  request: Partial<Parameters<SendToSubgraph>[0]> = {},
): Promise<any> =>
  client.send(
    { subgraph: 'users', kind: 'query', body: '{"query":"{ ok }","variables":{"a":1}}', ...request },
    server.origin,
    caller,
    options,
  );
const arrived = (count: number) => eventually(() => held.length === count);
const release = (body = '{"data":{"list":[{"ok":true}]}}') => held.forEach((response) => response.end(body));

test('identical queries of one identity that are under way are sent once, and each has its own answer', async () => {
  const [first, second, third] = [send(), send(), send()];
  await arrived(1);
  const fourth = send();
  release();
  const answers = await Promise.all([first, second, third, fourth]);
  answers[0].data.list[0].merged = 'by the first';
  answers[1].data.list.length = 0;
  expect(answers[2]).toEqual({ data: { list: [{ ok: true }] } });
  expect(answers[3]).toEqual({ data: { list: [{ ok: true }] } });
  expect(server.requests).toHaveLength(1);
  expect((await context.metrics.sharedFetches.get()).values).toEqual([{ labels: { subgraph: 'users' }, value: 3 }]);
  const later = send();
  await arrived(2);
  release();
  await later;
});

test('names that mean something to JavaScript come through in every copy', async () => {
  const sent = [send(), send()];
  await arrived(1);
  release('{"data":{"__proto__":{"a":1},"constructor":2}}');
  for (const { data } of await Promise.all(sent)) {
    expect(Object.hasOwn(data, '__proto__')).toBe(true);
    expect('a' in data).toBe(false);
    expect(data.constructor).toBe(2);
  }
});

test('errors are shared', async () => {
  const sent = [send(), send()];
  await arrived(1);
  held[0]?.writeHead(500).end('oops');
  const outcomes = await Promise.allSettled(sent);
  expect(outcomes.map((outcome) => outcome.status === 'rejected' && outcome.reason.kind)).toEqual(['broken', 'broken']);
});

test.each<[string, Given, object]>([
  ['another identity', { caller: ada({ identity: { ...identity, sub: 'ben' } }) }, {}],
  ['other claims', { caller: ada({ identity: { ...identity, claims: { tenant: 2 } } }) }, {}],
  ['nobody', { caller: testCaller() }, {}],
  ['other headers', { caller: ada({ headers: { 'accept-language': 'de' } }) }, {}],
  ['other variables', {}, { body: '{"query":"{ ok }","variables":{"a":2}}' }],
  ['another operation', {}, { body: '{"query":"{ no }","variables":{"a":1}}' }],
  ['another subgraph', {}, { subgraph: 'products' }],
  ['a mutation', {}, { kind: 'mutation' }],
])('%s shares nothing', async (_name, given, request) => {
  const sent = [send(), send(given, request)];
  await arrived(2);
  release();
  await Promise.all(sent);
  expect(server.requests).toHaveLength(2);
});

test('mutations are never shared', async () => {
  const sent = [send({}, { kind: 'mutation' }), send({}, { kind: 'mutation' })];
  await arrived(2);
  release();
  await Promise.all(sent);
  expect(server.requests).toHaveLength(2);
});

test('it can be switched off', async () => {
  await start({ DEDUPLICATE: 'false' });
  const sent = [send(), send()];
  await arrived(2);
  release();
  await Promise.all(sent);
  expect(server.requests).toHaveLength(2);
});

test('a query goes on while anyone wants it, and no longer', async () => {
  const first = new AbortController();
  const second = new AbortController();
  const sent = [send({ caller: ada({ signal: first.signal }) }), send({ caller: ada({ signal: second.signal }) })];
  await arrived(1);
  const { socket } = server.requests[0] as (typeof server.requests)[0];
  first.abort();
  await expect(sent[0]).rejects.toMatchObject({ kind: 'cancelled', extensions: { code: 'SUBGRAPH_UNAVAILABLE' } });
  expect(socket.destroyed).toBe(false);
  const third = send();
  release();
  await expect(sent[1]).resolves.toHaveProperty('data');
  await expect(third).resolves.toHaveProperty('data');

  held = [];
  const alone = new AbortController();
  const last = send({ caller: ada({ signal: alone.signal }) });
  await arrived(1);
  alone.abort();
  await expect(last).rejects.toMatchObject({ kind: 'cancelled' });
  await eventually(() => server.requests.at(-1)?.socket.destroyed === true);
  // Nobody joins what was given up.
  const next = send();
  await arrived(2);
  release();
  await next;
});

test('a query that comes after a mutation does not see what was there before', async () => {
  const before = send();
  const bens = send({ caller: ada({ identity: { ...identity, sub: 'ben' } }) });
  await arrived(2);
  const mutation = send({}, { kind: 'mutation' });
  await arrived(3);
  held[2]?.end('{"data":{}}');
  await mutation;
  const after = send();
  const bensNext = send({ caller: ada({ identity: { ...identity, sub: 'ben' } }) });
  await arrived(4);
  release();
  await Promise.all([before, bens, after, bensNext]);
  expect(server.requests).toHaveLength(4);
});

test('what must be fresh joins nothing, and later queries join it', async () => {
  const before = send();
  await arrived(1);
  const fresh = send({ options: { fresh: true } });
  await arrived(2);
  const after = send();
  release();
  await Promise.all([before, fresh, after]);
  expect(server.requests).toHaveLength(2);
});
