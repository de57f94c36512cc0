import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import WebSocket from 'ws';
import { quotaKey } from './rate/key.ts';
import { eventually, startTestGateway, type TestGateway } from './testing/gateway.ts';
import { startRedis, type TestRedis } from './testing/redis.ts';

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
    expect(headers.get('ratelimit')).toMatch(/^"operations";r=3;t=(60|59)$/);
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
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
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

describe('one more than a connection or a user may have is refused', () => {
  const subscription = 'subscription { announced { id } }';
  test.each([
    ['operations on a WebSocket', { MAX_OPERATIONS_PER_SOCKET: '2' }, 'TOO_MANY_OPERATIONS'],
    ['streams of a user', { MAX_STREAMS_PER_USER: '2' }, 'TOO_MANY_SUBSCRIPTIONS'],
  ])('%s', async (_what, settings, code) => {
    const stage = await start(settings);
    const socket = new WebSocket(`${stage.gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    await once(socket, 'open');
    const got: Message[] = [];
    socket.on('message', (data: Buffer) => got.push(JSON.parse(data.toString()) as Message));
    const send = (message: unknown): void => socket.send(JSON.stringify(message));
    send({ type: 'connection_init', payload: { token: await stage.issuer.token() } });
    await eventually(() => got.length === 1);
    for (const id of ['a', 'b', 'c']) send({ id, type: 'subscribe', payload: { query: subscription } });
    await eventually(() => got.some(({ id }) => id === 'c'));
    expect(got.at(-1)).toMatchObject({ id: 'c', type: 'error', payload: [{ extensions: { code } }] });
    // What ends makes room.
    send({ id: 'a', type: 'complete' });
    await eventually(async () => (await stage.context.metrics.subscribers.get()).values[0]?.value === 1);
    send({ id: 'd', type: 'subscribe', payload: { query: subscription } });
    await eventually(async () => (await stage.context.metrics.subscribers.get()).values[0]?.value === 2);
    socket.terminate();
  });
});

const ask = async (stage: TestGateway, sub: string) => {
  const started = performance.now();
  const headers = { authorization: `Bearer ${await stage.issuer.token({ sub })}` };
  const { status } = await stage.query('{ me { id } }', headers);
  return { status, ms: performance.now() - started };
};
const statuses = async (stage: TestGateway, sub: string, count: number): Promise<number[]> => {
  const answers: number[] = [];
  for (let i = 0; i < count; i++) answers.push((await ask(stage, sub)).status);
  return answers;
};

describe('with Redis', () => {
  let redis: TestRedis;
  let store: Redis;
  beforeAll(async () => {
    redis = await startRedis();
    store = new Redis(redis.url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
    store.on('error', () => {}); // it is killed on purpose
  }, 120_000);
  afterAll(async () => {
    store.disconnect();
    await redis.stop();
  });

  const limited = (settings: Record<string, string>) =>
    start({ REDIS_URL: redis.url, RATE_LIMIT_PER_MINUTE: '3', ...settings });
  test('replicas share a quota', async () => {
    const [one, two] = [await limited({}), await limited({})];
    await connected(one);
    await connected(two);
    expect(await statuses(one, 'shared', 2)).toEqual([200, 200]);
    expect(await statuses(two, 'shared', 2)).toEqual([200, 429]);
  });

  test.each([
    ['killed', 'open', 'SIGKILL', [200, 200, 200, 429]],
    ['hanging', 'open', 'SIGSTOP', [200, 200, 200, 429]],
    ['killed', 'closed', 'SIGKILL', [503, 503, 503, 503]],
    ['hanging', 'closed', 'SIGSTOP', [503, 503, 503, 503]],
  ] as const)('that is %s: the choice `%s` holds, and nobody waits for it', async (_how, choice, signal, expected) => {
    const stage = await limited({ RATE_LIMIT_STORE_FAILURE: choice });
    await connected(stage);
    redis.signal(signal);
    const sub = `away-${choice}-${signal}`;
    const answers = [];
    for (let i = 0; i < 4; i++) answers.push(await ask(stage, sub));
    expect(answers.map(({ status }) => status)).toEqual(expected);
    expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(2000);
    expect((await stage.context.metrics.rateLimitStoreFailures.get()).values[0]?.value).toBeGreaterThan(0);
    if (signal === 'SIGKILL') await redis.start();
    else redis.signal('SIGCONT');
    await connected(stage);
  });

  /** Asks until the store has counted. */
  async function connected(stage: TestGateway): Promise<void> {
    await eventually(async () => {
      const sub = `probe-${Math.random()}`;
      const { status } = await ask(stage, sub);
      const key = quotaKey({ identity: { sub, scopes: [], claims: {} }, address: '' });
      return status === 200 && (await store.exists(`gateway-rate:${key}`)) === 1;
    });
  }
});
