import { once } from 'node:events';
import { afterEach, describe, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { eventually, startTestGateway, type TestGateway } from './testing/gateway.ts';

const stages: TestGateway[] = [];
const start = async (settings: Record<string, string>): Promise<TestGateway> => {
  const stage = await startTestGateway(settings);
  stages.push(stage);
  return stage;
};
afterEach(async () => {
  await Promise.all(stages.splice(0).map((stage) => stage.stop()));
});

type Message = { id: string; type: string; payload: { message: string; extensions: Record<string, unknown> }[] };

/** Sends operations over one WebSocket; resolves with what each was answered with. */
async function overWebSocket({ gateway, issuer }: TestGateway, queries: string[]): Promise<Message[]> {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  const got: Message[] = [];
  socket.on('message', (data: Buffer) => got.push(JSON.parse(data.toString()) as Message));
  socket.send(JSON.stringify({ type: 'connection_init', payload: { token: await issuer.token() } }));
  await eventually(() => got.length === 1);
  queries.forEach((query, i) => socket.send(JSON.stringify({ id: String(i), type: 'subscribe', payload: { query } })));
  await eventually(() => queries.every((_, i) => got.some(({ id }) => id === String(i))));
  socket.terminate();
  return queries.map((_, i) => got.find(({ id }) => id === String(i)) as Message);
}

const overEvents = async ({ gateway, issuer }: TestGateway): Promise<Response> => {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: {
      accept: 'text/event-stream',
      'content-type': 'application/json',
      authorization: `Bearer ${await issuer.token()}`,
    },
    body: JSON.stringify({ query: '{ me { id } }' }),
  });
  await response.text();
  return response;
};

describe('a user’s quota', () => {
  test('is one over HTTP, WebSocket and event streams', async () => {
    const stage = await start({ RATE_LIMIT_PER_MINUTE: '4' });
    const { headers } = await stage.query('{ me { id } }');
    expect(headers.get('ratelimit-policy')).toBe('"operations";q=4;w=60');
    expect(headers.get('ratelimit')).toMatch(/^"operations";r=3;t=(60|5\d)$/);
    expect((await overEvents(stage)).headers.get('ratelimit')).toMatch(/^"operations";r=2;/);
    const answers = await overWebSocket(stage, ['{ me { id } }', '{ me { email } }', '{ me { name } }']);
    expect(answers.map(({ type }) => type)).toEqual(['next', 'next', 'error']);
    expect(answers[2]?.payload[0]).toEqual({
      message: expect.stringMatching(/^more than 4 operations a minute: try again in \d+ seconds$/),
      extensions: { code: 'RATE_LIMITED', retryAfter: expect.any(Number) },
    });
    const refused = await stage.query('{ me { id } }');
    expect(refused).toMatchObject({
      status: 429,
      body: { errors: [{ extensions: { code: 'RATE_LIMITED', retryAfter: expect.any(Number) } }] },
    });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(30);
    expect(refused.headers.get('ratelimit')).toMatch(/r=0/);
    expect((await overEvents(stage)).status).toBe(429);
    const other = { authorization: `Bearer ${await stage.issuer.token({ sub: 'ben' })}` };
    expect((await stage.query('{ me { id } }', other)).status).toBe(200);
  });

  test('counts each operation of a batch', async () => {
    const stage = await start({ RATE_LIMIT_PER_MINUTE: '5', MAX_BATCH_SIZE: '3' });
    const batch = async (size: number) =>
      fetch(`${stage.gateway.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${await stage.issuer.token()}` },
        body: JSON.stringify(Array.from({ length: size }, () => ({ query: '{ me { id } }' }))),
      });
    expect((await batch(4)).status).toBe(400);
    expect(await (await batch(3)).json()).toHaveLength(3);
    expect((await batch(3)).status).toBe(429);
  });

  test('is the address’s without a user', async () => {
    const stage = await start({ RATE_LIMIT_PER_MINUTE: '1', AUTH: 'optional', TRUSTED_PROXIES: 'loopback' });
    const from = async (address: string) =>
      (await stage.query('{ users { id } }', { 'x-forwarded-for': address })).status;
    expect([await from('10.0.0.1'), await from('10.0.0.1'), await from('10.0.0.2')]).toEqual([200, 429, 200]);
  });
});

test('without a limit there are no headers about one', async () => {
  const stage = await start({ RATE_LIMIT_PER_MINUTE: '0' });
  expect((await stage.query('{ me { id } }')).headers.get('ratelimit')).toBeNull();
});

test('browsers get to see what is left', async () => {
  const stage = await start({ CORS_ORIGINS: 'https://app.test' });
  const authorization = `Bearer ${await stage.issuer.token()}`;
  const { headers } = await stage.query('{ me { id } }', { authorization, origin: 'https://app.test' });
  expect(headers.get('access-control-expose-headers')).toBe('ratelimit, ratelimit-policy, retry-after');
});

const attempt = (stage: TestGateway, token: string, address = '10.0.0.1') =>
  stage.query('{ me { id } }', { authorization: `Bearer ${token}`, 'x-forwarded-for': address });

describe('tokens that are refused', () => {
  const settings = { RATE_LIMIT_PER_MINUTE: '3', TRUSTED_PROXIES: 'loopback' };

  test('use up the quota of their address, which good ones do not depend on', async () => {
    const stage = await start(settings);
    const forged = async () => `${(await stage.issuer.token()).slice(0, -20)}${'A'.repeat(20)}`;
    const first = await attempt(stage, await forged());
    expect(first.status).toBe(401);
    expect(first.headers.get('ratelimit')).toMatch(/^"operations";r=2;/);
    expect((await attempt(stage, 'nonsense')).status).toBe(401);
    expect((await attempt(stage, await stage.issuer.token({ exp: 1 }))).status).toBe(401);
    const beyond = await attempt(stage, await forged());
    expect(beyond).toMatchObject({ status: 429, body: { errors: [{ extensions: { code: 'RATE_LIMITED' } }] } });
    expect(Number(beyond.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await attempt(stage, await stage.issuer.token({ sub: 'ben' }))).status).toBe(200);
    expect((await attempt(stage, 'nonsense', '10.0.0.2')).status).toBe(401);
  });

  test('count over WebSocket, too', async () => {
    const stage = await start(settings);
    for (let i = 0; i < 4; i++) {
      const headers = { 'x-forwarded-for': '10.0.0.1' };
      const socket = new WebSocket(`${stage.gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
        headers,
      });
      await once(socket, 'open');
      socket.send(JSON.stringify({ type: 'connection_init', payload: { token: 'nonsense' } }));
      expect((await once(socket, 'close'))[0]).toBe(4403);
    }
    expect((await attempt(stage, 'nonsense')).status).toBe(429);
  });
});
