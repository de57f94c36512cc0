import internals from '@apollo/federation-internals';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { shop } from '../testing/shop.ts';
import { startSubgraphs } from '../testing/subgraphs.ts';
import { createQueryPlanner } from './query-planner.ts';

let graph: Awaited<ReturnType<typeof startSubgraphs>>;
beforeAll(async () => {
  graph = await startSubgraphs(shop);
});
afterAll(() => graph.stop());

function plan(query: string, maxEvaluatedPlans: number) {
  const supergraph = internals.Supergraph.build(graph.supergraphSdl);
  const planner = createQueryPlanner(supergraph, maxEvaluatedPlans);
  const { node } = planner.buildQueryPlan(internals.operationFromDocument(supergraph.apiSchema(), parse(query)));
  return { node, evaluated: planner.lastGeneratedPlanStatistics()?.evaluatedPlanCount };
}

test('few of many alternatives are weighed', () => {
  const query = `{ products { ${Array.from({ length: 8 }, (_, i) => `a${i}: reviews { author { name } }`).join(' ')} } }`;
  expect(plan(query, 10_000).evaluated).toBe(256);
  expect(plan(query, 64).evaluated).toBeLessThanOrEqual(64);
});

test('what is included under different conditions stays apart', () => {
  const { node } = plan('query ($a: Boolean!) { me { reviews @include(if: $a) { id } nickname @skip(if: $a) } }', 64);
  expect(JSON.stringify(node)).toMatch(/reviews@include\(if:\$a\).*nickname@skip\(if:\$a\)/);
  const same = plan('query ($a: Boolean!) { me { reviews @include(if: $a) { id } nickname @include(if: $a) } }', 64);
  expect(same.node).toMatchObject({ nodes: [{}, { kind: 'Condition', condition: 'a', ifClause: {} }] });
});

test('a subgraph is asked without the client’s fragments: to find where they fit would take a minute', () => {
  const nested = Array.from(
    { length: 9 },
    (_, i) => `fragment F${i} on Review { author { reviews { ...F${i + 1} } } }`,
  );
  const query = `{ me { reviews { ...F0 } } reviews { ...F0 ...F1 } } ${nested.join(' ')} fragment F9 on Review { id stars }`;
  const asked = JSON.stringify(plan(query, 64).node);
  expect(asked).toContain('stars');
  expect(asked).not.toMatch(/\.\.\.F\d|fragment/);
});
