import { expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { executePlan } from '../executor/execute.ts';
import { testContext } from '../testing/context.ts';
import { shop } from '../testing/shop.ts';
import { composed } from '../testing/subgraphs.ts';
import { buildSupergraph } from './supergraph.ts';

const { planFor } = buildSupergraph(composed(shop), testContext().config);

const fetchSubgraph = async () => ({ data: { users: [{ __typename: 'User', id: '1' }] } });

/** What an operation takes after it was executed, once for each of the variables. */
async function bytesAfter(query: string, ...variables: Record<string, unknown>[]): Promise<number[]> {
  const { compiled, bytes } = planFor(query, parse(query), undefined);
  const after = [bytes()];
  for (const given of variables) {
    await executePlan({ compiled, access: undefined, variables: given, fetchSubgraph });
    after.push(bytes());
  }
  return after;
}

test('code that was made for an operation counts, and once', async () => {
  const [before = 0, once = 0, twice] = await bytesAfter('{ users { id } }', {}, {});
  expect(once).toBeGreaterThan(before);
  expect(twice).toBe(once);
});

test('so does the code for each of the conditions, as far as it is kept', async () => {
  const names = ['a', 'b', 'c', 'd', 'e'];
  const query = `query(${names.map((name) => `$${name}: Boolean!`).join(' ')}) {
    users { id ${names.map((name) => `${name}: id @include(if: $${name})`).join(' ')} } }`;
  const all = Array.from({ length: 32 }, (_, i) =>
    Object.fromEntries(names.map((name, n) => [name, !!(i & (1 << n))])),
  );
  const after = await bytesAfter(query, ...all);
  expect(after[16]).toBeGreaterThan(3 * ((after[1] as number) - (after[0] as number)));
  const most = Math.max(...after);
  expect(most).toBeLessThan(1.5 * (after[16] as number));
});
