import { createHash } from 'node:crypto';
import { expect, test } from '@jest/globals';
import { createAutomaticDocuments } from './automatic.ts';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const byHash = (sha256Hash: unknown, version: unknown = 1) => ({
  extensions: { persistedQuery: { version, sha256Hash }, cursor: 'c' },
});

test('an operation of a known hash gets its document and keeps all else; any other is left as it is', async () => {
  const { cache, resolve } = createAutomaticDocuments();
  const query = '{ me { id } }';
  await cache.set(sha256(query), query);
  const known = { ...byHash(sha256(query)), variables: { a: 1 }, operationName: 'A' };
  expect(await resolve(known)).toEqual({ query, variables: { a: 1 }, operationName: 'A', extensions: { cursor: 'c' } });
  for (const other of [
    {},
    { query: '{ other }', ...byHash(sha256(query)) },
    byHash(sha256('{ other }')),
    byHash(sha256(query), 2),
    byHash(['a']),
    { extensions: { persistedQuery: 'text' } },
  ])
    expect(await resolve(other)).toBe(other);
});

test('the most recently used documents are kept, however small they are', async () => {
  const { cache, resolve } = createAutomaticDocuments();
  await cache.set('kept', '{a}');
  for (let i = 0; i < 120_000; i++) {
    await cache.set(String(i), '{a}');
    if (i % 1000 === 0) await cache.get('kept');
  }
  expect((await resolve(byHash('0'))).query).toBeUndefined();
  expect((await resolve(byHash('kept'))).query).toBe('{a}');
  expect((await resolve(byHash('119999'))).query).toBe('{a}');
});
