import { expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { createPlanCache } from '../supergraph/plan-cache.ts';
import { createDocumentCache } from './document-cache.ts';

const MIB = 1024 * 1024;
const padded = (i: number): string => `{ a${i} } #${'x'.repeat(MIB)}`;
const tokens = (i: number): string => `{ a${i} ${'a '.repeat(4000)} }`;

test.each([
  ['long comments', padded],
  ['many tokens', tokens],
])('documents with %s are kept as far as their memory goes', async (_what, text) => {
  const cache = createDocumentCache(4 * MIB);
  for (let i = 0; i < 10; i++) await cache.set(String(i), parse(text(i)));
  const kept = await Promise.all(Array.from({ length: 10 }, (_, i) => cache.get(String(i))));
  expect(kept.filter((document) => document).length).toBeLessThan(5);
  expect(kept.at(-1)).toBeDefined();
});

test('so are the plans that are kept of them', () => {
  const cache = createPlanCache<string>({ plans: 1000, bytes: 4 * MIB, bytesOfPlan: ({ length }) => length });
  for (let i = 0; i < 10; i++)
    cache.get({ key: String(i), document: parse(padded(i)), operationName: undefined }, () => 'plan');
  expect(cache.size()).toBe(1);
  for (let i = 0; i < 10; i++)
    cache.get({ key: `small ${i}`, document: parse(`{ a${i} }`), operationName: undefined }, () => 'plan');
  expect(cache.size()).toBe(11);
});

test('and so are plans that are larger than their operations', () => {
  const cache = createPlanCache<string>({ plans: 1000, bytes: 4 * MIB, bytesOfPlan: ({ length }) => length });
  for (let i = 0; i < 10; i++)
    cache.get({ key: String(i), document: parse('{ a }'), operationName: undefined }, () => 'x'.repeat(MIB));
  expect(cache.size()).toBe(3);
});

test('and a plan that grows as it is used is weighed again, and lets others go', () => {
  const cache = createPlanCache<{ bytes: number }>({ plans: 1000, bytes: 4 * MIB, bytesOfPlan: ({ bytes }) => bytes });
  const get = (key: string) =>
    cache.get({ key, document: parse('{ a }'), operationName: undefined }, () => ({ bytes: MIB }));
  for (const key of ['a', 'b', 'c']) get(key);
  get('c').bytes = 2.5 * MIB;
  expect(cache.size()).toBe(3);
  get('c');
  expect(cache.size()).toBe(2);
  expect(cache.mostUsed(1)).toMatchObject([{ key: 'c', uses: 3, plan: { bytes: 2.5 * MIB } }]);
});
