import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startGateways, type Gateways } from '../testing/differential/gateways.ts';
import { FEDERATION, type TestSubgraph } from '../testing/subgraphs.ts';
import type { SubgraphResponse } from './run.ts';

const zoo: TestSubgraph[] = [
  {
    name: 'animals',
    typeDefs: `${FEDERATION}
      type Query { animals: [Animal], first: Cat, count: Int }
      interface Animal @key(fields: "id") { id: ID!, name: String }
      type Cat implements Animal @key(fields: "id") { id: ID!, name: String!, lives: Int }
      type Dog implements Animal @key(fields: "id") { id: ID!, name: String }
      type Cage { id: ID }
      extend type Query { cage: Cage }`,
  },
  {
    name: 'food',
    typeDefs: `${FEDERATION}
      type Query { food: Int }
      type Cat @key(fields: "id") { id: ID!, dish: String, meals: [String!] }`,
  },
];

let gateways: Gateways;
beforeAll(async () => {
  gateways = await startGateways(zoo);
});
afterAll(() => gateways.stop());

/** The result where the subgraphs answer with these JSON texts. */
async function given(query: string, animals: string, food = '{"data":{"_entities":[]}}') {
  const answer = async (name: string): Promise<SubgraphResponse> => JSON.parse(name === 'animals' ? animals : food);
  const { result } = await gateways.own({ query, variables: {} }, answer);
  expect(Object.getOwnPropertyNames(Object.prototype)).not.toContain('polluted');
  return result;
}

describe('an answer that is not what was asked for', () => {
  test('has the object’s own type decide what must not be null', async () => {
    const query = '{ animals { name } }';
    const cats = '{"data":{"animals":[{"__typename":"Cat","name":null},{"__typename":"Dog","name":null}]}}';
    expect(await given(query, cats)).toMatchObject({
      data: { animals: [null, { name: null }] },
      extensions: { valueCompletion: [{ message: 'Cannot return null for non-nullable field Cat.name.' }] },
    });
  });

  test.each(['Cage', 'Nothing', 'String', 'Query'])('has no object of type %s where an animal stands', async (name) => {
    expect(await given('{ animals { id } }', `{"data":{"animals":[{"__typename":"${name}","id":"1"}]}}`)).toEqual({
      data: { animals: [null] },
      extensions: {
        valueCompletion: [
          expect.objectContaining({ message: expect.stringMatching(/^Invalid __typename/), path: ['animals', 0] }),
        ],
      },
    });
  });

  test('may call the root type by another name', async () => {
    const query = '{ __typename ... on Query { count ...F } } fragment F on Query { t: __typename }';
    expect(await given(query, '{"data":{"__typename":"RootQuery","t":"RootQuery","count":1}}')).toEqual({
      data: { __typename: 'Query', count: 1, t: 'Query' },
    });
  });

  test('is null where it is a list and should be an object, and the other way round', async () => {
    expect(
      await given('{ first { id } animals { id } count }', '{"data":{"first":[],"animals":{},"count":[1]}}'),
    ).toEqual({
      data: { first: null, animals: null, count: null },
      extensions: {
        valueCompletion: ['first', 'animals', 'count'].map((path) => expect.objectContaining({ path: [path] })),
      },
    });
  });

  test('tells of what is missing beside an error, once', async () => {
    const query = '{ animals { ... on Cat { id name } } count }';
    const animals = JSON.stringify({
      data: {
        animals: [
          { __typename: 'Cat', id: '1' },
          { __typename: 'Cat', id: '2' },
        ],
        count: null,
      },
      errors: [
        { message: 'no name', path: ['animals', 1, 'name'] },
        { message: 'no count', path: ['count'] },
      ],
    });
    const { data, errors, extensions } = await given(query, animals);
    expect(data).toEqual({ animals: [null, null], count: null });
    expect(errors).toHaveLength(2);
    expect(extensions).toEqual({ valueCompletion: [expect.objectContaining({ path: ['animals', 0, 'name'] })] });
  });
});

describe('errors of a subgraph', () => {
  const cats =
    '{"data":{"beasts":[{"__typename":"Dog","id":"0"},{"__typename":"Cat","id":"1"},null,{"__typename":"Cat","id":"2"}]}}';
  const query = '{ beasts: animals { ... on Cat { food: meals dish } } }';

  test('are where the client finds them: by alias, and past the objects that no entity was asked of', async () => {
    const food = JSON.stringify({
      data: {
        _entities: [
          { food: ['a'], dish: null },
          { food: null, dish: 'b' },
        ],
      },
      errors: [
        { message: 'no dish', path: ['_entities', 0, 'dish'], extensions: { code: 'BROKEN' } },
        { message: 'no meal', path: ['_entities', 1, 'food', 3] },
      ],
    });
    expect(await given(query, cats, food)).toEqual({
      data: { beasts: [{}, { food: ['a'], dish: null }, null, { food: null, dish: 'b' }] },
      errors: [
        { message: 'no dish', path: ['beasts', 1, 'dish'], extensions: { code: 'BROKEN', service: 'food' } },
        {
          message: 'no meal',
          path: ['beasts', 3, 'food', 3],
          extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', service: 'food' },
        },
      ],
    });
  });

  test.each([
    ['null', 'null'],
    ['a text', '"x"'],
    ['an object without a message', '{"extensions":null,"path":"x"}'],
    ['an object of wrong parts', '{"message":{"a":1},"extensions":"x","path":[{"a":1}],"locations":5}'],
  ])('are told where one is %s, and the data stay', async (_what, error) => {
    expect(await given('{ count }', `{"data":{"count":3},"errors":[${error}]}`)).toEqual({
      data: { count: 3 },
      errors: [{ message: expect.any(String), extensions: { code: 'DOWNSTREAM_SERVICE_ERROR', service: 'animals' } }],
    });
  });

  test('that are no list make the response malformed', async () => {
    expect(await given('{ count }', '{"data":{"count":3},"errors":{"message":"x"}}')).toMatchObject({
      data: { count: null },
      errors: [{ extensions: { code: 'SUBGRAPH_UNAVAILABLE', service: 'animals' } }],
    });
  });

  test('set neither status nor headers of the gateway’s response, nor a prototype', async () => {
    const error =
      '{"message":"x","extensions":{"http":{"status":500,"headers":{"set-cookie":"a"}},"__proto__":{"polluted":1},"stacktrace":["s"]}}';
    const { errors } = await given('{ count }', `{"data":{"count":3},"errors":[${error}]}`);
    expect(JSON.stringify(errors)).not.toMatch(/http|stacktrace/);
  });
});

describe('names of prototypes', () => {
  test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'])(
    'are names like any other: %s',
    async (name) => {
      const animals = `{"data":{"${name}":[{"__typename":"Cat","id":"1","${name}":"Tom"}],"polluted":1}}`;
      const food = `{"data":{"_entities":[{"${name}__x":"bowl","${name}__y":{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}]}}`;
      const query = `{ ${name}: animals { ${name}: name ... on Cat { ${name}__x: dish } } }`;
      const expected = `{"data":{"${name}":[{"${name}":"Tom","${name}__x":"bowl"}]}}`;
      expect(JSON.stringify(await given(query, animals, food))).toBe(expected);
    },
  );

  test('that nobody answered are not there', async () => {
    expect(
      await given('{ constructor: count toString: first { id } __proto__: animals { id } }', '{"data":{}}'),
    ).toEqual({
      data: JSON.parse('{"constructor":null,"toString":null,"__proto__":null}'),
    });
  });
});
