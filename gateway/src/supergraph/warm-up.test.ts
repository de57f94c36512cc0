import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { shop } from '../testing/shop.ts';
import { startSubgraphs } from '../testing/subgraphs.ts';
import { buildSupergraph } from './supergraph.ts';
import { warmUp } from './warm-up.ts';

const limits = { PLAN_CACHE_SIZE: 10, PLAN_CACHE_BYTES: 1e6, MAX_EVALUATED_PLANS: 100, MAX_RESPONSE_CHARACTERS: 1e6 };

let graph: Awaited<ReturnType<typeof startSubgraphs>>;
beforeAll(async () => {
  graph = await startSubgraphs(shop);
});
afterAll(() => graph.stop());

/** A supergraph of which operations were used: as often as said. */
function used(operations: Record<string, number>) {
  const supergraph = buildSupergraph(graph.supergraphSdl, limits);
  for (const [query, times] of Object.entries(operations))
    for (let i = 0; i < times; i++) supergraph.planFor(query, parse(query), undefined);
  return supergraph;
}

test('the operations that are used most come first, and no more of them than asked for', () => {
  const { plans } = used({ '{ me { id } }': 1, '{ users { id } }': 3, '{ reviews { id } }': 2 });
  expect(plans.mostUsed(2).map(({ key }) => key)).toEqual(['{ users { id } }', '{ reviews { id } }']);
});

test('what is planned for the next supergraph is there when it is asked for, and what it lacks is left out', async () => {
  const { plans } = used({ '{ me { id } }': 1, '{ users { id } }': 1, '{ me { name } }': 1 });
  const counts = { hit: 0, planned: 0, evicted: 0 };
  const next = buildSupergraph(graph.supergraphSdl.replace('  users: [User!]!', '  people: [User!]!'), limits, {
    hit: () => (counts.hit += 1),
    planned: () => (counts.planned += 1),
    evicted: () => (counts.evicted += 1),
  });
  expect(await warmUp(next, plans.mostUsed(10))).toBe(2);
  expect(counts).toEqual({ hit: 0, planned: 2, evicted: 0 });
  next.planFor('{ me { id } }', parse('{ me { id } }'), undefined);
  expect(counts).toEqual({ hit: 1, planned: 2, evicted: 0 });
});

test('others get their turn between any two operations', async () => {
  const { plans } = used({ '{ me { id } }': 1, '{ users { id } }': 1, '{ me { name } }': 1 });
  const next = buildSupergraph(graph.supergraphSdl, limits);
  const sizes: number[] = [];
  let done = false;
  const look = (): void => {
    sizes.push(next.plans.size());
    if (!done) setImmediate(look);
  };
  look();
  await warmUp(next, plans.mostUsed(10));
  done = true;
  expect([...new Set(sizes)].slice(0, 3)).toEqual([0, 1, 2]);
});
