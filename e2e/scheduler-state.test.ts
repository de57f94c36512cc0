import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDapr, type Dapr } from '@todo/service/dapr';
import { type Documents, openDocuments } from '@todo/service/documents';
import { StaleState } from '@todo/service/state';
import { eventually } from './stack/eventually.ts';
import { app } from './stack/ready.ts';
import { type RedisSidecar, startRedisSidecar } from './stack/redis-sidecar.ts';

// What the scheduler asks of its state store, of both that it may have: through the sidecar of the stack under test, and
// through one with the component that REDIS_URL chooses.
const newKey = (): string => `test-${randomUUID()}`;
let redis: RedisSidecar;
let postgres: Dapr;

beforeAll(async () => {
  const { daprHttpPort, daprApiToken } = app('scheduler-service');
  postgres = createDapr({ endpoint: `http://127.0.0.1:${daprHttpPort}`, apiToken: daprApiToken });
  redis = await startRedisSidecar();
});
afterAll(async () => {
  await postgres.stop();
  await redis.stop();
});

describe.each<[string, () => Dapr]>([
  ['the stack’s store', () => postgres],
  ['Redis', () => redis.dapr],
])('the scheduler’s state in %s', (_, dapr) => {
  let documents: Documents;
  beforeAll(() => {
    documents = openDocuments(dapr(), 'scheduler-state');
  });

  it('reads back what was written, and nothing where nothing is', async () => {
    const [key, none] = [newKey(), newKey()];
    const value = { text: '“ü” \u{1f331}', list: [1, null], nested: {} };
    await documents.save({ op: 'create', key, value });
    expect(await documents.get(key)).toEqual({ value, etag: expect.any(String) });
    expect([...(await documents.getMany([none, key])).keys()]).toEqual([key]);
    expect(await documents.get(none)).toBeUndefined();
  });

  it('creates once, and replaces only what was read', async () => {
    const key = newKey();
    await documents.save({ op: 'create', key, value: 1 });
    await expect(documents.save({ op: 'create', key, value: 2 })).rejects.toThrow(StaleState);
    const { etag } = (await documents.get(key)) as { etag: string };
    await documents.save({ op: 'replace', key, value: 3, etag });
    await expect(documents.save({ op: 'replace', key, value: 4, etag })).rejects.toThrow(StaleState);
    await expect(documents.save({ op: 'create', key, value: 5 })).rejects.toThrow(StaleState);
    expect((await documents.get(key))?.value).toBe(3);
  });

  it('loses nothing where many write the same document', async () => {
    const key = newKey();
    await documents.save({ op: 'create', key, value: 0 });
    async function increment(): Promise<void> {
      for (;;) {
        const known = await documents.get<number>(key);
        try {
          await documents.save({ op: 'replace', key, value: (known?.value ?? 0) + 1, etag: known?.etag ?? '' });
          return;
        } catch (error) {
          if (!(error instanceof StaleState)) throw error;
        }
      }
    }
    await Promise.all(Array.from({ length: 20 }, increment));
    expect((await documents.get(key))?.value).toBe(20);
  });

  it('forgets at the end of the time to live, but not what was written again without one', async () => {
    const [short, kept] = [newKey(), newKey()];
    await documents.save({ op: 'create', key: short, value: 1, ttlSeconds: 1 });
    await documents.save({ op: 'create', key: kept, value: 1, ttlSeconds: 1 });
    const { etag } = (await documents.get(kept)) as { etag: string };
    await documents.save({ op: 'replace', key: kept, value: 2, etag });
    await eventually(async () => expect(await documents.get(short)).toBeUndefined());
    expect((await documents.get(kept))?.value).toBe(2);
    await documents.save({ op: 'create', key: short, value: 3, ttlSeconds: 10 ** 12 });
    expect((await documents.get(short))?.value).toBe(3);
  });
});

it('a store that is away is no conflict', async () => {
  const documents = openDocuments(redis.dapr, 'scheduler-state');
  await redis.redis.kill();
  const failure = await documents.save({ op: 'create', key: 'x', value: 1 }).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Error);
  expect(failure).not.toBeInstanceOf(StaleState);
  await redis.redis.start();
  await documents.save({ op: 'create', key: 'x', value: 1 });
});
