import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startExecution, type TestExecution } from '../testing/execution.ts';
import { FEDERATION, type TestSubgraph } from '../testing/subgraphs.ts';

const letters = [{ id: 'l1', weight: 20, from: { city: 'Bonn', zip: '1' } }];

const goods = [
  { __typename: 'Box', id: 'b1', size: null },
  { __typename: 'Parcel', id: 'p1', size: 4 },
];

let packed = 0;

/** The counter computes postage from what the post office knows. */
const post: TestSubgraph[] = [
  {
    name: 'office',
    typeDefs: `${FEDERATION}
      type Query { letters: [Letter!]!, letter: Letter, goods: [Goods!]! }
      interface Goods { id: ID! }
      type Box implements Goods { id: ID!, size: Int }
      type Parcel implements Goods @key(fields: "id") { id: ID!, size: Int! }
      type Letter @key(fields: "id") { id: ID!, weight: Int, from: Place }
      type Place { city: String, zip: String }
      type Mutation { pack: Goods }`,
    resolvers: {
      Query: { letters: () => letters, letter: () => letters[0], goods: () => goods },
      Mutation: { pack: () => goods[packed++] },
      Letter: { __resolveReference: ({ id }: { id: string }) => letters.find((letter) => letter.id === id) },
    },
  },
  {
    name: 'counter',
    typeDefs: `${FEDERATION}
      type Letter @key(fields: "id") {
        id: ID!, weight: Int @external, from: Place @external
        queue: Int!
        postage: String @requires(fields: "weight")
        stamp: String @requires(fields: "weight from { city }")
        label: String @requires(fields: "from { city zip }")
      }
      type Parcel @key(fields: "id") { id: ID!, size: Int! @external, price: String @requires(fields: "size") }
      type Place @external { city: String, zip: String }`,
    resolvers: {
      Parcel: {
        __resolveReference: (parcel: object) => parcel,
        price: ({ size }: { size: number }) => `price of ${size}`,
      },
      Letter: {
        __resolveReference: (letter: object) => letter,
        queue: () => 3,
        postage: ({ weight }: (typeof letters)[0]) => `postage for ${weight}`,
        stamp: ({ weight, from }: (typeof letters)[0]) => `stamp for ${weight} from ${from.city}`,
        label: ({ from }: (typeof letters)[0]) => `${from.zip} ${from.city}`,
      },
    },
  },
];

let execution: TestExecution;
beforeAll(async () => {
  execution = await startExecution(post);
});
afterAll(() => execution.stop());

describe('a field that requires others and is skipped', () => {
  const query = `query ($a: Boolean!, $b: Boolean!) {
    letters { queue postage @include(if: $a) stamp @skip(if: $b) ... @include(if: $a) { label @skip(if: $b) } }
  }`;

  test.each([
    [{ a: false, b: true }, { queue: 3 }],
    [
      { a: true, b: true },
      { queue: 3, postage: 'postage for 20' },
    ],
    [
      { a: false, b: false },
      { queue: 3, stamp: 'stamp for 20 from Bonn' },
    ],
    [
      { a: true, b: false },
      { queue: 3, postage: 'postage for 20', stamp: 'stamp for 20 from Bonn', label: '1 Bonn' },
    ],
  ])('takes nothing away from the fields beside it: %j', async (variables, letter) => {
    expect(await execution.execute(query, variables)).toEqual({ data: { letters: [letter] } });
    expect(execution.received.at(-1)?.variables['representations']).toEqual([
      {
        __typename: 'Letter',
        id: 'l1',
        ...('stamp' in letter || 'postage' in letter ? { weight: 20 } : {}),
        ...('stamp' in letter && { from: { city: 'Bonn', ...('label' in letter && { zip: '1' }) } }),
      },
    ]);
  });

  test('is one of which stock Apollo Gateway does take away', async () => {
    expect(await execution.executeStock(query, { a: false, b: true })).toMatchObject({ data: null });
  });

  test('and a required field that is always needed stays required', async () => {
    const both = 'query ($a: Boolean!) { letter { postage stamp @include(if: $a) } }';
    expect(await execution.execute(both, { a: false })).toEqual({ data: { letter: { postage: 'postage for 20' } } });
  });
});

describe('an object of which every field is skipped', () => {
  test.each([
    ['{ letter { id @skip(if: true) } letters { ...F } } fragment F on Letter { queue @include(if: false) }', {}],
    [
      'query ($a: Boolean!) { letter @include(if: $a) { id @skip(if: $a) } letters { ... @skip(if: $a) { id } } }',
      { a: true },
    ],
  ])('is an object without fields: %s', async (query, variables) => {
    expect(await execution.execute(query, variables)).toEqual({ data: { letter: {}, letters: [{}] } });
  });
});

test('fields of one name and several types, one of them required, keep apart under a condition without a type', async () => {
  const query = 'query ($a: Boolean!) { goods { ... @skip(if: $a) { ... on Box { size } ... on Parcel { price } } } }';
  expect(await execution.execute(query, { a: false })).toEqual({
    data: { goods: [{ size: null }, { price: 'price of 4' }] },
  });
  expect(await execution.execute(query, { a: true })).toEqual({ data: { goods: [{}, {}] } });
});

test('a mutation is made, and an object is one, where nothing that is selected of it can apply', async () => {
  const never = '... on Box { ... on Goods { ...F } } } } fragment F on Parcel { id';
  const whether = '($a: Boolean!)';
  packed = 0;
  expect(await execution.execute(`mutation ${whether} { pack @include(if: $a) { ${never} }`, { a: true })).toEqual({
    data: { pack: {} },
  });
  expect(packed).toBe(1);
  expect(await execution.execute(`query ${whether} { goods @include(if: $a) { ${never} }`, { a: true })).toEqual({
    data: { goods: [{}, {}] },
  });
});
