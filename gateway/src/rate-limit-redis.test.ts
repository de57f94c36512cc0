import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { startRedis, type TestRedis } from '@todo/service/testing/redis';
import { Redis } from 'ioredis';
import { quotaKey } from './rate/key.ts';
import { eventually, startTestGateway, type TestGateway } from './testing/gateway.ts';

/** What no request may take longer than, whatever the store does: a store that is away answers none, so that more shows it as well. */
const BOUND_MS = 15_000;
/** Where it is there, no busy machine makes it seem away. */
const PATIENCE_MS = 1000;

const stages: TestGateway[] = [];
const start = async (settings: Record<string, string>): Promise<TestGateway> => {
  const stage = await startTestGateway({
    REDIS_URL: redis.url,
    RATE_LIMIT_PER_MINUTE: '3',
    RATE_LIMIT_STORE_TIMEOUT_MS: String(PATIENCE_MS),
    ...settings,
  });
  stages.push(stage);
  return stage;
};
/** `start`, once it counts in the store. */
const startCounting = async (settings: Record<string, string> = {}): Promise<TestGateway> => {
  const stage = await start(settings);
  await counting(stage);
  return stage;
};

let redis: TestRedis;
let store: Redis;
beforeAll(async () => {
  redis = await startRedis();
  store = new Redis(redis.url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
  store.on('error', () => {}); // it is killed on purpose
});
afterEach(async () => {
  await Promise.all(stages.splice(0).map((stage) => stage.stop()));
});
afterAll(async () => {
  store.disconnect();
  await redis.stop();
});

const ask = async (stage: TestGateway, sub: string) => {
  const headers = { authorization: `Bearer ${await stage.issuer.token({ sub })}` };
  const started = performance.now();
  const { status } = await stage.query('{ me { id } }', headers);
  return { status, ms: performance.now() - started };
};
/** The statuses of requests one after another. */
const statuses = async (stage: TestGateway, sub: string, count: number): Promise<number[]> => {
  const answers = [];
  for (let i = 0; i < count; i++) answers.push(await ask(stage, sub));
  expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(BOUND_MS);
  return answers.map(({ status }) => status);
};
const failures = async ({ context }: TestGateway): Promise<number> =>
  (await context.metrics.rateLimitStoreFailures.get()).values[0]?.value ?? 0;

/** Asks until the store has counted. */
async function counting(stage: TestGateway): Promise<void> {
  await eventually(async () => {
    const sub = `probe-${Math.random()}`;
    const { status } = await ask(stage, sub);
    const key = quotaKey({ identity: { sub, scopes: [], claims: {} }, address: '' });
    return status === 200 && (await store.exists(`gateway-rate:${key}`)) === 1;
  });
}

test('replicas share a quota, which the store forgets after a minute', async () => {
  const [one, two] = [await startCounting(), await startCounting()];
  expect(await statuses(one, 'shared', 2)).toEqual([200, 200]);
  expect(await statuses(two, 'shared', 2)).toEqual([200, 429]);
  const key = quotaKey({ identity: { sub: 'shared', scopes: [], claims: {} }, address: '' });
  expect(await store.ttl(`gateway-rate:${key}`)).toBeGreaterThan(30);
  expect(await store.ttl(`gateway-rate:${key}`)).toBeLessThanOrEqual(60);
});

test('requests that come together are counted one by one', async () => {
  const [one, two] = [await startCounting(), await startCounting()];
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => ask(i % 2 ? one : two, 'crowd')));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
});

describe.each([
  ['open', [200, 200, 200, 429]],
  ['closed', [503, 503, 503, 503]],
] as const)('while the store is away, with the choice `%s`', (choice, expected) => {
  test.each([
    ['killed', async () => redis.kill(), () => redis.start()],
    ['hanging', async () => redis.signal('SIGSTOP'), async () => redis.signal('SIGCONT')],
    [
      'slow',
      async () => void (await store.client('PAUSE', 60_000, 'WRITE')),
      async () => void (await store.client('UNPAUSE')),
    ],
  ])('%s: nobody waits for it, it is told once, and it is counted in again', async (how, away, back) => {
    const stage = await startCounting({ RATE_LIMIT_STORE_FAILURE: choice });
    const told = (['error', 'info'] as const).map((level) => jest.spyOn(stage.context.logger, level));
    await away();
    expect(await statuses(stage, `${how}-${choice}`, 4)).toEqual(expected);
    expect(await failures(stage)).toBeGreaterThan(0);
    await back();
    await counting(stage);
    const messages = told.flatMap(({ mock }) => mock.calls.map((call) => String(call.at(-1))));
    expect(messages.filter((message) => message.includes('store'))).toEqual([
      'the rate-limit store is away',
      'the rate-limit store is back',
    ]);
  });

  test('a gateway starts, answers and stops', async () => {
    await redis.kill();
    const stage = await start({ RATE_LIMIT_STORE_FAILURE: choice });
    expect(await statuses(stage, `start-${choice}`, 4)).toEqual(expected);
    await redis.start();
    redis.signal('SIGSTOP');
    const hung = await start({ RATE_LIMIT_STORE_FAILURE: choice });
    expect(await statuses(hung, `start-${choice}`, 4)).toEqual(expected);
    const started = performance.now();
    await Promise.all(stages.splice(0).map((each) => each.stop()));
    expect(performance.now() - started).toBeLessThan(BOUND_MS);
    redis.signal('SIGCONT');
  });
});

test('a store that is known to be away is not asked by each request', async () => {
  const stage = await startCounting({ RATE_LIMIT_PER_MINUTE: '1000000' });
  redis.signal('SIGSTOP');
  await ask(stage, 'first');
  const before = await failures(stage);
  const started = performance.now();
  const crowd = await Promise.all(Array.from({ length: 300 }, () => ask(stage, 'crowd')));
  const seconds = (performance.now() - started) / 1000;
  expect(crowd.every(({ status }) => status === 200)).toBe(true);
  expect((await failures(stage)) - before).toBeLessThanOrEqual(1 + seconds);
  redis.signal('SIGCONT');
  await counting(stage);
});

test('a connection on which nothing is answered is given up', async () => {
  const stage = await startCounting({ RATE_LIMIT_STORE_TIMEOUT_MS: '50' });
  const id = (await clients()).at(-1);
  redis.signal('SIGSTOP');
  const end = Date.now() + 2000;
  while (Date.now() < end) await ask(stage, `user-${Math.random()}`);
  redis.signal('SIGCONT');
  await counting(stage);
  expect(await clients()).not.toContain(id);
});

/** The store's connections, oldest first. */
async function clients(): Promise<string[]> {
  return [...String(await store.client('LIST')).matchAll(/^id=(\d+)/gm)].map(([, id]) => id as string);
}
