import { expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { startSubgraphClient } from '../subgraphs/client.ts';
import { buildSupergraph } from '../supergraph/supergraph.ts';
import { testCaller, testContext } from '../testing/context.ts';
import { FEDERATION, startSubgraphs } from '../testing/subgraphs.ts';
import { executePlan } from './execute.ts';

const shelves = [
  { id: 's1', language: 'en', books: [{ id: 'b1' }, { id: 'b2' }] },
  { id: 's2', language: 'de', books: [{ id: 'b3' }] },
];

test('an argument with @fromContext has the value of the object above its own entity', async () => {
  const graph = await startSubgraphs([
    {
      name: 'shelves',
      typeDefs: `${FEDERATION}
        type Query { shelves: [Shelf!]! }
        type Shelf @key(fields: "id") @context(name: "shelf") { id: ID!, language: String!, books: [Book!]! }
        type Book @key(fields: "id") {
          id: ID!
          title(language: String @fromContext(field: "$shelf { language }")): String!
        }`,
      resolvers: {
        Query: { shelves: () => shelves },
        Book: {
          __resolveReference: ({ id }: { id: string }) => ({ id }),
          title: ({ id }: { id: string }, { language }: { language: string }) => `${id} in ${language}`,
        },
      },
    },
    { name: 'other', typeDefs: `${FEDERATION} type Query { other: Int }`, resolvers: { Query: { other: () => 1 } } },
  ]);
  const client = startSubgraphClient(testContext());
  try {
    const supergraph = buildSupergraph(graph.supergraphSdl, testContext().config);
    const { plan, ...planned } = supergraph.planFor('q', parse('{ shelves { books { title } } }'), undefined);
    if (plan?.kind === 'Subscription') throw new Error('not for subscriptions');
    const result = await executePlan({
      ...planned,
      plan,
      variables: { contextualArgument_1_0: 'forged' },
      schema: supergraph.schema,
      supergraphSchema: supergraph.supergraphSchema,
      fetchSubgraph: (request) => client.send(request, supergraph.subgraphs.get(request.subgraph), testCaller()),
    });
    expect(result).toEqual({
      data: {
        shelves: [{ books: [{ title: 'b1 in en' }, { title: 'b2 in en' }] }, { books: [{ title: 'b3 in de' }] }],
      },
    });
    expect(graph.received.filter(({ variables }) => variables?.['representations'])).toHaveLength(2);
  } finally {
    await client.stop();
    await graph.stop();
  }
});
