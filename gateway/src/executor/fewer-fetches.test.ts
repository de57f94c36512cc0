import { expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { buildSupergraph } from '../supergraph/supergraph.ts';
import { testContext } from '../testing/context.ts';
import { composed, FEDERATION } from '../testing/subgraphs.ts';
import { executePlan } from './execute.ts';
import type { SubgraphRequest, SubgraphResponse } from './run.ts';

const sdl = composed([
  {
    name: 'tickets',
    typeDefs: `${FEDERATION}
      type Query { tickets: [Ticket!]!, first: Ticket }
      type Ticket { owner: User }
      type User @key(fields: "id") { id: ID! }`,
  },
  {
    name: 'users',
    typeDefs: `${FEDERATION} type User @key(fields: "id") { id: ID!, name: String, friends: [User!], tags: [String] }`,
  },
]);

/** Executes a query over three users' tickets; what users are asked for, fetch by fetch, and the result. */
async function executed(query: string, settings: Record<string, string> = {}, answer = answerOf) {
  const asked: string[][] = [];
  const { planFor } = buildSupergraph(sdl, testContext(settings).config);
  const { compiled } = planFor(query, parse(query), undefined);
  const result = await executePlan({
    compiled,
    variables: {},
    fetchSubgraph: async ({ subgraph, body }: SubgraphRequest) => {
      const { representations } = JSON.parse(body).variables as { representations: { id: string }[] };
      if (subgraph === 'users') asked.push(representations.map(({ id }) => id));
      return answer(subgraph, representations);
    },
  });
  return { asked, result: JSON.parse(JSON.stringify(result)) };
}

const stub = (id: string) => ({ __typename: 'User', id });
function answerOf(subgraph: string, representations: { id: string }[]): SubgraphResponse {
  const tickets = ['a', 'b', 'a', 'a', 'c'].map((id) => ({ owner: stub(id) }));
  if (subgraph === 'tickets') return { data: { tickets, first: { owner: stub('a') } } };
  const friends = [stub('a'), stub('b')];
  const _entities = representations.map(({ id }) => ({ name: `User ${id}`, friends, tags: ['x'] }));
  return structuredClone({ data: { _entities } });
}

/** The same, where the first of those asked for has no name. */
const failing = (subgraph: string, representations: { id: string }[]): SubgraphResponse => ({
  ...answerOf(subgraph, representations),
  ...(subgraph === 'users' && { errors: [{ message: 'no name', path: ['_entities', 0, 'name'] }] }),
});

test('an entity is asked for once, in however many places it is', async () => {
  const { asked, result } = await executed('{ tickets { owner { name } } }');
  expect(asked).toEqual([['a', 'b', 'c']]);
  expect(result.data.tickets.map(({ owner }: { owner: { name: string } }) => owner.name)).toEqual(
    ['a', 'b', 'a', 'a', 'c'].map((id) => `User ${id}`),
  );
});

test('and not again where another part of the operation asks the same of it', async () => {
  const { asked, result } = await executed('{ tickets { owner { name tags } } first { owner { name tags } } }');
  expect(asked).toEqual([['a', 'b', 'c']]);
  expect(result.data.first).toEqual({ owner: { name: 'User a', tags: ['x'] } });
});

test('an error of it is told at each of its places', async () => {
  const { result } = await executed('{ tickets { owner { name } } first { owner { name } } }', {}, failing);
  expect(result.errors.map(({ path }: { path: string[] }) => path.join('.')).toSorted()).toEqual(
    ['first.owner.name', ...[0, 2, 3].map((i) => `tickets.${i}.owner.name`)].toSorted(),
  );
});

test('what answers come to can be larger than they are, and has a limit', async () => {
  const { asked, result } = await executed('{ tickets { owner { name } } }', { MAX_RESPONSE_CHARACTERS: '100' });
  expect(asked).toEqual([['a', 'b', 'c']]);
  expect(result).toMatchObject({ data: null, errors: [{ extensions: { code: 'RESPONSE_TOO_LARGE' } }] });
});
