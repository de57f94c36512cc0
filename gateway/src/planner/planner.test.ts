import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isObjectType } from 'graphql';
import { startExecution, type TestExecution } from '../testing/execution.ts';
import { FEDERATION, type TestSubgraph } from '../testing/subgraphs.ts';

type Reference = Record<string, unknown>;

/** The hotel knows rooms and their rates; the desk quotes from a rate in a currency, and never asks for it itself. */
const hotel: TestSubgraph[] = [
  {
    name: 'rooms',
    typeDefs: `${FEDERATION}
      type Query { rooms: [Room!]!, stays: [Stay!]! }
      interface Stay { rate(currency: String = "EUR"): Int }
      type Room implements Stay @key(fields: "number") {
        number: ID!, name: String!, beds: Int!, rate(currency: String = "EUR"): Int, floor: Floor, ratings(last: Int!): [Rating!]!
      }
      type Rating @key(fields: "id") { id: ID! }
      type Floor { fee(currency: String!): Int }`,
    resolvers: {
      Query: { rooms: () => rooms, stays: () => rooms },
      Stay: { __resolveType: () => 'Room' },
      Room: {
        __resolveReference: ({ number }: Reference) => rooms.find((room) => room.number === number),
        rate: ({ rate }: { rate: number }, { currency }: { currency: string }) => {
          if (currency === 'XXX') throw new Error('no such currency');
          return currency === 'USD' ? rate * 2 : rate;
        },
        floor: () => ({}),
        ratings: ({ number }: Reference, { last }: { last: number }) =>
          [1, 2, 3].slice(-last).map((n) => ({ id: `${String(number)}-${n}` })),
      },
      Floor: { fee: (_floor: unknown, { currency }: { currency: string }) => (currency === 'USD' ? 6 : 3) },
    },
  },
  {
    name: 'ratings',
    typeDefs: `${FEDERATION}
      type Query { ratings: Int }
      type Rating @key(fields: "id") { id: ID!, stars: Int! }`,
    resolvers: { Rating: { __resolveReference: ({ id }: Reference) => ({ id, stars: Number(String(id).at(-1)) }) } },
  },
  {
    name: 'desk',
    typeDefs: `${FEDERATION}
      type Query { desk: Int }
      type Room @key(fields: "number") {
        number: ID!
        beds: Int! @external
        rate(currency: String = "EUR"): Int @external
        floor: Floor @external
        ratings(last: Int!): [Rating!]! @external
        quote: String @requires(fields: "rate beds")
        quoteInDollars(prefix: String): String @requires(fields: "rate(currency: \\"USD\\") floor { fee(currency: \\"USD\\") }")
        quoteInEuros(prefix: String): String @requires(fields: "rate(currency: \\"EUR\\") floor { fee(currency: \\"EUR\\") }")
        broken: String @requires(fields: "rate(currency: \\"XXX\\")")
        score: Int @requires(fields: "ratings(last: 2) { stars }")
      }
      type Floor @external { fee(currency: String!): Int }
      type Rating @key(fields: "id") { id: ID!, stars: Int! @external }`,
    resolvers: {
      Room: {
        __resolveReference: (reference: Reference) => reference,
        quote: ({ rate, beds }: Reference) => `${String(rate)} for ${String(beds)}`,
        quoteInDollars: quote,
        quoteInEuros: quote,
        broken: ({ rate }: Reference) => `${String(rate)}`,
        score: ({ ratings }: { ratings: { stars: number }[] }) => ratings.reduce((sum, { stars }) => sum + stars, 0),
      },
    },
  },
];
const rooms = [
  { number: 'r1', name: 'Attic', beds: 2, rate: 10 },
  { number: 'r2', name: 'Barn', beds: 4, rate: 20 },
];

function quote({ rate, floor }: { rate: number; floor: { fee: number } }, { prefix = '' }: { prefix?: string }) {
  return `${prefix}${rate}+${floor.fee}`;
}

let execution: TestExecution;
beforeAll(async () => {
  execution = await startExecution(hotel);
});
afterAll(() => execution.stop());

describe('a requirement with arguments', () => {
  test('gets the value for its arguments, whatever the client asks of the same field', async () => {
    expect(
      await execution.execute(
        'query ($currency: String) { rooms { rate(currency: $currency) quoteInDollars quote ratings(last: 1) { id } score } }',
        { currency: 'EUR' },
      ),
    ).toEqual({
      data: {
        rooms: [
          { rate: 10, quoteInDollars: '20+6', quote: '10 for 2', ratings: [{ id: 'r1-3' }], score: 5 },
          { rate: 20, quoteInDollars: '40+6', quote: '20 for 4', ratings: [{ id: 'r2-3' }], score: 5 },
        ],
      },
    });
  });

  test('is satisfied apart from one with other arguments', async () => {
    const before = execution.received.length;
    expect(
      await execution.execute(
        'query ($of: String) { rooms { ...Q quoteInEuros(prefix: "€") quote } } fragment Q on Room { quoteInDollars(prefix: $of) number }',
        { of: '$' },
      ),
    ).toEqual({
      data: {
        rooms: [
          { number: 'r1', quoteInDollars: '$20+6', quoteInEuros: '€10+3', quote: '10 for 2' },
          { number: 'r2', quoteInDollars: '$40+6', quoteInEuros: '€20+3', quote: '20 for 4' },
        ],
      },
    });
    const asked = execution.received.slice(before).filter(({ subgraph }) => subgraph === 'desk');
    // Only what asks for it has the client's variable.
    expect(asked.map(({ variables }) => variables['of']).filter((value) => value !== undefined)).toEqual(['$']);
    for (const { query, variables } of asked) expect(query.includes('$of')).toBe(Object.hasOwn(variables, 'of'));
  });

  test('is satisfied through an interface', async () => {
    expect(await execution.execute('{ stays { rate(currency: "USD") ... on Room { quoteInEuros } } }')).toEqual({
      data: {
        stays: [
          { rate: 20, quoteInEuros: '10+3' },
          { rate: 40, quoteInEuros: '20+3' },
        ],
      },
    });
  });

  test('that fails says so at the path of the field that it names', async () => {
    const { data, errors } = await execution.execute('{ rooms { broken } }');
    expect(data).toEqual({ rooms: [{ broken: 'null' }, { broken: 'null' }] });
    expect(errors).toMatchObject([
      { message: 'no such currency', path: ['rooms', 0, 'rate'], extensions: { service: 'rooms' } },
      { message: 'no such currency', path: ['rooms', 1, 'rate'], extensions: { service: 'rooms' } },
    ]);
  });

  test('is not in the schema that clients see', () => {
    const room = execution.supergraph.schema.getType('Room');
    const fields = isObjectType(room) ? Object.keys(room.getFields()) : [];
    expect(fields).toContain('quote');
    expect(fields.filter((field) => field.includes('__'))).toEqual([]);
  });
});

describe('an alias of the client', () => {
  test('that equals a key does not take its place', async () => {
    const query = '{ rooms { number: name __typename: name quote } }';
    expect(await execution.execute(query)).toEqual({
      data: {
        rooms: [
          { number: 'Attic', __typename: 'Attic', quote: '10 for 2' },
          { number: 'Barn', __typename: 'Barn', quote: '20 for 4' },
        ],
      },
    });
    expect(await execution.executeStock(query)).not.toMatchObject({ data: { rooms: [{ number: 'Attic' }, {}] } });
  });

  test('that equals a required field does not reach the subgraph that requires it', async () => {
    const query = '{ rooms { beds: name rate: beds quote beds__1: number rate__requires1: number } }';
    expect(await execution.execute(query)).toEqual({
      data: {
        rooms: [
          { beds: 'Attic', rate: 2, quote: '10 for 2', beds__1: 'r1', rate__requires1: 'r1' },
          { beds: 'Barn', rate: 4, quote: '20 for 4', beds__1: 'r2', rate__requires1: 'r2' },
        ],
      },
    });
    expect(await execution.executeStock(query)).toMatchObject({ data: { rooms: [{ quote: '2 for Attic' }, {}] } });
  });

  test('is the name in the paths of errors, and of introspection', async () => {
    const { errors } = await execution.execute('{ rooms { beds: rate(currency: "XXX") } }');
    expect(errors).toMatchObject([{ path: ['rooms', 0, 'beds'] }, { path: ['rooms', 1, 'beds'] }]);
    const introspected = await execution.execute(
      '{ number: __type(name: "Floor") { beds: name ...F } } fragment F on __Type { rate: kind }',
    );
    expect(introspected).toEqual({ data: { number: { beds: 'Floor', rate: 'OBJECT' } } });
  });
});

test('an entity is found again by a key that the subgraph resolves', async () => {
  const { execute, stop } = await startExecution([
    {
      name: 'people',
      typeDefs: `${FEDERATION}
        type Query { people: Int }
        type Person @key(fields: "id") { id: ID!, name: String! }`,
      resolvers: { Person: { __resolveReference: ({ id }: Reference) => ({ id, name: 'Ada' }) } },
    },
    {
      name: 'badges',
      typeDefs: `${FEDERATION}
        type Query { someone: Person }
        type Person @key(fields: "code", resolvable: false) @key(fields: "id") {
          id: ID!, code: String!, name: String! @external, badge: String! @requires(fields: "name")
        }`,
      resolvers: {
        Query: { someone: () => ({ id: 'p1', code: 'c1' }) },
        Person: {
          __resolveReference: ({ id, name }: Reference) => (id ? { id, code: 'c1', name } : null),
          badge: ({ name }: Reference) => `badge of ${String(name)}`,
        },
      },
    },
  ]);
  try {
    expect(await execute('{ someone { badge } }')).toEqual({ data: { someone: { badge: 'badge of Ada' } } });
  } finally {
    await stop();
  }
});

test('an operation of which a part only can be planned is refused', async () => {
  const { execute, stop } = await startExecution([
    {
      name: 'things',
      typeDefs: `${FEDERATION}
        interface Thing @key(fields: "id") { id: ID! }
        type Query { thing: Thing, box: Box }
        type Box { thing: Thing, size: Int }`,
      resolvers: { Query: { box: () => ({ size: 1 }) }, Thing: { __resolveType: () => 'Thing' } },
    },
    {
      name: 'colors',
      typeDefs: `${FEDERATION}
        type Query { colored: Thing }
        type Thing @key(fields: "id", resolvable: false) @interfaceObject { id: ID!, color: String }`,
      resolvers: { Query: { colored: () => ({ id: 't1', color: 'red' }) } },
    },
  ]);
  try {
    for (const query of ['{ thing { color } }', '{ box { size ...B } } fragment B on Box { thing { color } }'])
      await expect(execute(query)).rejects.toMatchObject({
        message: expect.stringMatching(/^(Query|Box)\.thing cannot be resolved/),
        extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
      });
    expect(await execute('{ colored { id color } box { size thing { id } } }')).toEqual({
      data: { colored: { id: 't1', color: 'red' }, box: { size: 1, thing: null } },
    });
  } finally {
    await stop();
  }
});
