import { expect, test } from '@jest/globals';
import { startExecution } from '../testing/execution.ts';
import { FEDERATION } from '../testing/subgraphs.ts';

const shelves = [
  { id: 's1', language: 'en', books: [{ id: 'b1' }, { id: 'b2' }] },
  { id: 's2', language: 'de', books: [{ id: 'b3' }] },
];

test('an argument with @fromContext has the value of the object above its own entity', async () => {
  const { execute, received, stop } = await startExecution([
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
  try {
    const result = await execute('{ shelves { books { title } } }', { contextualArgument_1_0: 'forged' });
    expect(result).toEqual({
      data: {
        shelves: [{ books: [{ title: 'b1 in en' }, { title: 'b2 in en' }] }, { books: [{ title: 'b3 in de' }] }],
      },
    });
    expect(received.filter(({ variables }) => variables?.['representations'])).toHaveLength(2);
  } finally {
    await stop();
  }
});
