import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { startTestGateway, type TestGateway } from './testing/gateway.ts';

const NAME = '__Host-session';
let stage: TestGateway;
beforeAll(async () => {
  stage = await startTestGateway({
    AUTH_COOKIE: NAME,
    CORS_ORIGINS: 'https://app.test',
    RATE_LIMIT_PER_MINUTE: '100000',
    MAX_STREAMS_PER_USER: '100',
  });
});
afterAll(() => stage.stop());

type Headers = Record<string, string>;
const withCookie = async (headers: Headers = {}): Promise<Headers> => ({
  cookie: `other=1; ${NAME}=${await stage.issuer.token()}`,
  ...headers,
});
const http = async (headers: Headers): Promise<number> => (await stage.query('{ me { id } }', headers)).status;
const sse = async (headers: Headers): Promise<number> => {
  const response = await fetch(`${stage.gateway.url}/graphql?${new URLSearchParams({ query: '{ me { id } }' })}`, {
    headers: { accept: 'text/event-stream', ...headers },
  });
  const text = await response.text();
  expect(text.includes('"id":"u1"')).toBe(response.status === 200);
  return response.status;
};
/** 200 once connection_init was accepted; else the upgrade's status or the close code. */
const ws = ({ origin, ...headers }: Headers, payload: object = {}): Promise<number> =>
  new Promise((resolve) => {
    const url = `${stage.gateway.url.replace('http', 'ws')}/graphql`;
    const socket = new WebSocket(url, 'graphql-transport-ws', { headers, ...(origin !== undefined && { origin }) });
    const settle = (outcome: number): void => {
      resolve(outcome);
      socket.terminate();
    };
    socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload })));
    socket.on('message', () => settle(200));
    socket.on('unexpected-response', (_request, { statusCode = 0 }) => settle(statusCode));
    socket.on('close', settle);
    socket.on('error', () => settle(0));
  });
const session = (method: string, headers: Headers = {}) => fetch(`${stage.gateway.url}/session`, { method, headers });

const transports: [string, (headers: Headers) => Promise<number>, [wrong: number, foreign: number]][] = [
  ['HTTP', http, [401, 403]],
  ['an event stream', sse, [401, 403]],
  ['a WebSocket', ws, [4403, 403]],
];
describe.each(transports)('over %s', (_name, open, [wrong, foreign]) => {
  test.each<[string, Headers]>([
    ['from no page', {}],
    ['from the gateway’s own page', { 'sec-fetch-site': 'same-origin' }],
    ['from the address bar', { 'sec-fetch-site': 'none' }],
    ['from a listed origin', { origin: 'https://app.test', 'sec-fetch-site': 'same-site' }],
  ])('the cookie tells who calls: %s', async (_what, headers) => {
    expect(await open(await withCookie(headers))).toBe(200);
  });

  test.each<[string, Headers]>([
    ['of a foreign origin', { origin: 'https://evil.test' }],
    ['of an opaque origin', { origin: 'null' }],
    ['of a foreign origin on the same site', { origin: 'http://other.app.test', 'sec-fetch-site': 'same-site' }],
  ])('a page %s cannot make use of it', async (_what, headers) => {
    expect(await open(await withCookie(headers))).toBe(foreign);
  });

  test.each(['cross-site', 'same-site', 'nonsense'])(
    'a browser that shows no origin cannot make use of it from %s',
    async (site) => {
      expect(await open(await withCookie({ 'sec-fetch-site': site }))).toBe(foreign);
    },
  );

  test('a bad one is refused, and so is one of another name', async () => {
    expect(await open({ cookie: `${NAME}=nonsense` })).toBe(wrong);
    expect(await open({ cookie: `session=${await stage.issuer.token()}` })).toBe(wrong);
    expect(await open({ cookie: ';;=;%%%' })).toBe(wrong);
  });

  test('two of them are none: a browser has one', async () => {
    const { cookie } = await withCookie();
    expect(await open({ cookie: `${NAME}=nonsense; ${cookie}` })).toBe(wrong);
    expect(await open({ cookie: `${cookie}; ${NAME}=nonsense` })).toBe(wrong);
  });

  test('an authorization comes first', async () => {
    const authorization = `Bearer ${await stage.issuer.token()}`;
    expect(await open({ cookie: `${NAME}=nonsense`, authorization })).toBe(200);
    expect(await open(await withCookie({ authorization: 'Bearer nonsense' }))).toBe(wrong);
  });
});

test('connection_init comes before the cookie', async () => {
  expect(await ws({ cookie: `${NAME}=nonsense` }, { token: await stage.issuer.token() })).toBe(200);
  expect(await ws(await withCookie(), { token: 'nonsense' })).toBe(4403);
});

test('a simple request, as a foreign form could send it, is refused', async () => {
  const query = new URLSearchParams({ query: '{ me { id } }' });
  const response = await fetch(`${stage.gateway.url}/graphql?${query}`, { headers: await withCookie() });
  expect(response.status).toBe(400);
});

test('the cookie goes to no subgraph', async () => {
  stage.received.length = 0;
  await http(await withCookie());
  expect(stage.received[0]?.headers['x-identity']).toBeDefined();
  expect(stage.received[0]?.headers.cookie).toBeUndefined();
});

describe('/session', () => {
  test('puts a token into a cookie for as long as it is valid', async () => {
    const token = await stage.issuer.token({ exp: Math.floor(Date.now() / 1000) + 600 });
    const response = await session('POST', { authorization: `Bearer ${token}` });
    expect([response.status, await response.text(), response.headers.get('cache-control')]).toEqual([
      204,
      '',
      'no-store',
    ]);
    const [value, ...attributes] = (response.headers.get('set-cookie') ?? '').split('; ');
    expect(value).toBe(`${NAME}=${token}`);
    const age = attributes.find((attribute) => attribute.startsWith('Max-Age='));
    expect(attributes.filter((attribute) => attribute !== age).sort()).toEqual([
      'HttpOnly',
      'Path=/',
      'SameSite=Strict',
      'Secure',
    ]);
    expect(Number(age?.split('=')[1])).toBeGreaterThan(590);
    expect(Number(age?.split('=')[1])).toBeLessThanOrEqual(600);
    expect(await http({ cookie: value as string })).toBe(200);
  });

  test('clears it', async () => {
    const response = await session('DELETE');
    expect(response.status).toBe(204);
    expect(response.headers.get('set-cookie')).toMatch(
      new RegExp(`^${NAME}=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Strict$`),
    );
  });

  test.each<[string, () => Promise<Headers>, number]>([
    ['without a token', async () => ({}), 401],
    ['with a bad token', async () => ({ authorization: 'Bearer nonsense' }), 401],
    ['with the cookie alone', () => withCookie(), 401],
    [
      'with a token that no cookie holds',
      async () => ({ authorization: `Bearer ${await stage.issuer.token({ filler: 'x'.repeat(4096) })}` }),
      400,
    ],
    [
      'from a foreign page',
      async () => ({ authorization: `Bearer ${await stage.issuer.token()}`, origin: 'https://evil.test' }),
      403,
    ],
    [
      'from another site',
      async () => ({ authorization: `Bearer ${await stage.issuer.token()}`, 'sec-fetch-site': 'cross-site' }),
      403,
    ],
  ])('sets nothing %s', async (_what, headers, status) => {
    const response = await session('POST', await headers());
    expect([response.status, response.headers.get('set-cookie')]).toEqual([status, null]);
    expect(await response.json()).toHaveProperty('errors');
  });

  test('is cleared by no foreign page', async () => {
    expect((await session('DELETE', { origin: 'https://evil.test' })).status).toBe(403);
    expect((await session('DELETE', { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  });

  test('can be used by pages of listed origins, with their cookie', async () => {
    for (const path of ['session', 'graphql']) {
      const preflight = await fetch(`${stage.gateway.url}/${path}`, {
        method: 'OPTIONS',
        headers: { origin: 'https://app.test' },
      });
      expect([preflight.status, preflight.headers.get('access-control-allow-credentials')]).toEqual([204, 'true']);
      const foreign = await fetch(`${stage.gateway.url}/${path}`, {
        method: 'OPTIONS',
        headers: { origin: 'https://evil.test' },
      });
      expect([foreign.status, foreign.headers.get('access-control-allow-credentials')]).toEqual([403, null]);
    }
  });

  test('is there only where the cookie is', async () => {
    const plain = await startTestGateway({ CORS_ORIGINS: 'https://app.test' });
    try {
      const authorization = `Bearer ${await plain.issuer.token()}`;
      for (const method of ['POST', 'DELETE'])
        expect((await fetch(`${plain.gateway.url}/session`, { method, headers: { authorization } })).status).toBe(404);
      const cookie = `${NAME}=${await plain.issuer.token()}`;
      const { status, headers } = await plain.query('{ me { id } }', { cookie, origin: 'https://app.test' });
      expect([status, headers.get('access-control-allow-credentials')]).toEqual([401, null]);
    } finally {
      await plain.stop();
    }
  });
});
