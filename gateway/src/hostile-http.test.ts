import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { events } from './testing/events.ts';
import { eventually, startTestGateway, type TestGateway } from './testing/gateway.ts';
import { FEDERATION, type TestSubgraph } from './testing/subgraphs.ts';

let stage: TestGateway;
beforeAll(async () => {
  stage = await startTestGateway({
    AUTH: 'optional',
    TRUSTED_PROXIES: 'loopback',
    RATE_LIMIT_PER_MINUTE: '1000',
  });
});
afterAll(() => stage.stop());

type Headers = Record<string, string>;
const JSON_TYPE = { 'content-type': 'application/json' };
const QUERY = JSON.stringify({ query: '{ me { id } }' });
const call = async (method: string, headers: Headers, body?: string, search = '') => {
  const response = await fetch(`${stage.gateway.url}/graphql${search}`, { method, headers, body: body ?? null });
  return { status: response.status, headers: response.headers, text: await response.text() };
};
/** Sends bytes as they are. */
async function raw({ gateway }: TestGateway, bytes: string): Promise<{ socket: Socket; got: () => string }> {
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
  let got = '';
  socket.on('data', (data: Buffer) => (got += data.toString('latin1')));
  await once(socket, 'connect');
  socket.write(bytes);
  return { socket, got: () => got };
}

describe('a foreign page', () => {
  const search = `?${new URLSearchParams({ query: '{ me { id } }' })}`;
  test.each<[string, string, Headers, string?]>([
    ['with JSON', 'POST', { ...JSON_TYPE, origin: 'https://evil.test' }, QUERY],
    ['for an event stream, showing no origin', 'GET', { accept: 'text/event-stream', 'sec-fetch-site': 'cross-site' }],
    [
      'for a stream in parts, showing no origin',
      'GET',
      { accept: 'multipart/mixed;subscriptionSpec=1.0', 'sec-fetch-site': 'same-site' },
    ],
    ['that has an origin of no site', 'POST', { ...JSON_TYPE, origin: 'null' }, QUERY],
  ])('is not heard: %s', async (...[, method, headers, body]) => {
    stage.received.length = 0;
    expect((await call(method, headers, body, method === 'GET' ? search : '')).status).toBe(403);
    expect(stage.received).toEqual([]);
  });

  test('is one that came over http, where the gateway is under https', async () => {
    const { host } = new URL(stage.gateway.url);
    const origin = `http://${host}`;
    expect((await call('POST', { ...JSON_TYPE, origin, 'sec-fetch-site': 'same-origin' }, QUERY)).status).toBe(200);
    expect((await call('POST', { ...JSON_TYPE, origin, 'sec-fetch-site': 'cross-site' }, QUERY)).status).toBe(403);
  });
});

test('no cache keeps an answer', async () => {
  const search = `?${new URLSearchParams({ query: '{ me { id } }' })}`;
  const { headers } = await call('GET', { 'apollo-require-preflight': '1' }, undefined, search);
  expect([headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual(['no-store', 'nosniff']);
});

test('a body is not read for a caller who is nobody', async () => {
  const head = [
    'POST /graphql HTTP/1.1\r\nhost: h\r\nauthorization: Bearer nonsense\r\ncontent-type: application/json',
    'content-length: 1000000\r\n\r\n{',
  ].join('\r\n');
  const { socket, got } = await raw(stage, head);
  await eventually(() => got() !== '');
  expect(got()).toMatch(/^HTTP\/1\.1 401/);
  socket.destroy();
});

test.each<[string, Headers, number]>([
  ['compressed', { 'content-encoding': 'gzip' }, 415],
  ['in another charset', { 'content-type': 'application/json; charset=utf-16' }, 415],
  ['in its own charset', { 'content-type': 'application/json; charset="UTF-8"' }, 200],
])('a body that is %s', async (_what, headers, status) => {
  expect((await call('POST', { ...JSON_TYPE, ...headers }, QUERY)).status).toBe(status);
});

test.each(['PUT', 'DELETE', 'PATCH', 'HEAD'])('%s is no way to ask', async (method) => {
  const { status, headers } = await call(method, {});
  expect([status, headers.get('allow')]).toEqual([405, 'GET, POST, OPTIONS']);
});

test('a path that cannot be decoded is answered in the form of all errors', async () => {
  const response = await fetch(`${stage.gateway.url}/%zz`);
  expect([response.status, await response.json()]).toEqual([
    400,
    { errors: [{ message: expect.any(String), extensions: { code: 'BAD_REQUEST' } }] },
  ]);
});

const HEAD = 'POST /graphql HTTP/1.1\r\nhost: h\r\n';
test.each([
  ['is nonsense', 'nonsense\r\n\r\n', 400],
  ['has two lengths', `${HEAD}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n`, 400],
  ['has headers without end', `${HEAD}cookie: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
])('what %s is answered in the form of all errors, and the connection ends', async (_what, bytes, status) => {
  const { socket, got } = await raw(stage, bytes);
  if (!socket.closed) await once(socket, 'close');
  const [head = '', body = ''] = got().split('\r\n\r\n');
  expect(head).toMatch(new RegExp(`^HTTP/1.1 ${status} [\\s\\S]*connection: close`));
  expect(JSON.parse(body)).toEqual({ errors: [{ message: expect.any(String), extensions: { code: 'BAD_REQUEST' } }] });
});

test('a request to go on with HTTP/2 is answered in HTTP/1.1, as it may be', async () => {
  const { socket, got } = await raw(
    stage,
    [
      'POST /graphql HTTP/1.1\r\nhost: h\r\nconnection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAAP__',
      `content-type: application/json\r\ncontent-length: ${QUERY.length}\r\n\r\n${QUERY}`,
    ].join('\r\n'),
  );
  await eventually(() => got().includes('"id":"u1"'));
  expect(got()).toMatch(/^HTTP\/1\.1 200/);
  socket.destroy();
});

test('an operation name is not kept at any length', async () => {
  const name = 'x'.repeat(1001);
  const body = JSON.stringify({ query: `query ${name} { me { id } }`, operationName: name });
  expect((await call('POST', JSON_TYPE, body)).status).toBe(400);
});

describe('a client that does not take its answer', () => {
  const big: TestSubgraph = {
    name: 'big',
    typeDefs: `${FEDERATION} type Query { big: String! }`,
    resolvers: { Query: { big: () => 'x'.repeat(15_000_000) } },
  };

  test.each([
    ['JSON', 'application/json'],
    ['an event', 'text/event-stream'],
  ])('loses its connection: %s', async (_what, accept) => {
    const idle = await startTestGateway({ AUTH: 'off', CONNECTION_IDLE_MS: '4000' }, false, [big, events]);
    const accepted: Socket[] = [];
    const note = (message: unknown): void => void accepted.push((message as { socket: Socket }).socket);
    subscribe('net.server.socket', note);
    const { socket } = await raw(idle, '');
    const body = '{"query":"{ big }"}';
    const head = `POST /graphql HTTP/1.1\r\nhost: h\r\naccept: ${accept}\r\ncontent-type: application/json`;
    socket.write(`${head}\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    await once(socket, 'data');
    socket.pause();
    const served = accepted.find(({ remotePort }) => remotePort === socket.localPort) as Socket;
    if (!served.destroyed) await once(served, 'close');
    expect(socket.bytesRead).toBeLessThan(15_000_000);
    unsubscribe('net.server.socket', note);
    socket.destroy();
    await idle.stop();
  });
});

const limit = async (forwarded: string): Promise<string> => {
  const { headers } = await call('POST', { ...JSON_TYPE, 'x-forwarded-for': forwarded }, QUERY);
  return /r=(\d+)/.exec(headers.get('ratelimit') ?? '')?.[1] ?? '';
};

describe('the address of a client', () => {
  test('is one whatever port a proxy tells with it', async () => {
    expect(await limit('203.0.113.7:1001')).toBe('999');
    expect(await limit('203.0.113.7:1002')).toBe('998');
    expect(await limit('203.0.113.7')).toBe('997');
    expect(await limit('[2001:db8::1]:1001')).toBe('999');
    expect(await limit('2001:db8::2')).toBe('998');
  });

  test('is that of the proxy where it tells none', async () => {
    const before = Number(await limit('nonsense 1'));
    expect(Number(await limit('nonsense 2'))).toBe(before - 1);
    expect(Number(await limit('203.0.113.8, unknown'))).toBe(before - 2);
  });
});

test('an error of a subgraph says nothing of the answer’s status', async () => {
  const rude: TestSubgraph = {
    name: 'rude',
    typeDefs: `${FEDERATION} type Query { rude: String }`,
    resolvers: {
      Query: {
        rude: () => {
          throw new GraphQLError('no', { extensions: { code: 'RUDE', http: { status: 418 } } });
        },
      },
    },
  };
  const other = await startTestGateway({ AUTH: 'off' }, false, [rude, events]);
  const { status, body } = await other.query('{ rude }');
  expect([status, body]).toEqual([
    200,
    {
      data: { rude: null },
      errors: [{ message: 'no', path: ['rude'], extensions: { code: 'RUDE', service: 'rude' } }],
    },
  ]);
  await other.stop();
});
