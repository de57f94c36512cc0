import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse, validate } from 'graphql';
import { startExecution, type TestExecution } from '../testing/execution.ts';
import { shop } from '../testing/shop.ts';

let execution: TestExecution;
const execute: TestExecution['execute'] = (query, variables) => execution.execute(query, variables);

beforeAll(async () => {
  execution = await startExecution(shop);
});
afterAll(() => execution.stop());

const operations: [what: string, query: string, variables?: Record<string, unknown>][] = [
  ['one fetch with aliases', '{ a: me { id n: name } b: user(id: "u2") { email } }'],
  ['parallel fetches of two subgraphs', '{ me { name } products { upc title price } }'],
  ['a hop over entities in a list', '{ users { name reviews { stars } } }'],
  ['hops there and back', '{ reviews { stars author { name email } product { title } } }'],
  ['@requires', '{ found { ... on Book { postage } ... on Chair { legs postage } } }'],
  ['an interface', '{ products { __typename upc reviews { stars author { name } } ... on Book { pages } } }'],
  ['a union', '{ found { __typename ... on Book { pages title } ... on Chair { legs reviews { id } } } }'],
  ['lists of lists', '{ shelves { title reviews { stars } } }'],
  ['variables', 'query ($id: ID!) { user(id: $id) { name reviews { stars } } }', { id: 'u1' }],
  ['defaults of variables', 'query ($best: Boolean = true) { products { reviews(best: $best) { stars } } }'],
  [
    '@skip and @include by variable',
    'query ($no: Boolean!, $yes: Boolean = true) { me { name @include(if: $no) reviews @skip(if: $no) { id } email @include(if: $yes) } }',
    { no: false },
  ],
  [
    '@skip and @include by value',
    '{ me { name @skip(if: true) id @include(if: true) } products @skip(if: true) { upc } }',
  ],
  ['everything skipped', '{ me @skip(if: true) { id } }'],
  [
    'named fragments',
    '{ me { ...F } users { ...F } } fragment F on User { name reviews { ...G } } fragment G on Review { stars }',
  ],
  ['the same field twice', '{ me { reviews { stars } reviews { id product { upc } } } me { name } }'],
  [
    'introspection mixed in',
    '{ __typename __type(name: "Book") { name fields { name } } me { name } s: __schema { queryType { name } } }',
  ],
  ['__typename under an alias', '{ products { t: __typename u: __typename } }'],
  [
    'a mutation with a hop',
    'mutation { one: rename(id: "u1", name: "A") { name reviews { id } } two: rename(id: "u2", name: "B") { name } }',
  ],
  ['an error at the root', '{ fails me { name } }'],
  ['an error in an entity', '{ users { name nickname } }'],
  ['an entity that is not there', '{ reviews { id author { id name } } }'],
  [
    'an entity that is not there, and whose fields another fetch requires',
    '{ reviews { id product { upc ... on Book { postage } } } }',
  ],
  ['a null that makes the response null', '{ mustNotFail me { name } }'],
  ['a null that makes an object null', '{ user(id: "u2") { name strictEmail } me { strictEmail } }'],
  ['nothing found', '{ user(id: "none") { name reviews { id } } product(upc: "none") { title } }'],
];

describe('agrees with stock Apollo Gateway', () => {
  test.each(operations)('on %s', async (_what, query, variables = {}) => {
    const { extensions, ...result } = await execute(query, variables);
    const { extensions: stockExtensions, ...stock } = await execution.executeStock(query, variables);
    expect(result).toEqual(stock);
    // Beside an error stock tells of no other value that is missing.
    expect(stock.errors ? stockExtensions : extensions).toEqual(stockExtensions);
  });
});

test('an error says where it is in the whole response, whose it is, and nothing of the stack', async () => {
  const { data, errors } = await execute('{ fails users { id nickname } }');
  expect(data).toEqual({
    fails: null,
    users: [
      { id: 'u1', nickname: 'u1-nick' },
      { id: 'u2', nickname: null },
    ],
  });
  expect(errors).toEqual([
    expect.objectContaining({ message: 'no luck', path: ['fails'], extensions: { code: 'UNLUCKY', service: 'users' } }),
    expect.objectContaining({ path: ['users', 1, 'nickname'], extensions: { code: 'NOT_FOUND', service: 'reviews' } }),
  ]);
});

test('a value that is missing is reported as value completion, and its parent is null', async () => {
  expect(await execute('{ reviews { id author { name } } }')).toEqual({
    data: {
      reviews: [
        { id: 'r1', author: { name: 'Ada' } },
        { id: 'r2', author: { name: 'Ben' } },
        { id: 'r3', author: null },
        { id: 'r4', author: null },
      ],
    },
    extensions: {
      valueCompletion: [
        {
          message: 'Cannot return null for non-nullable field User.name.',
          path: ['reviews', 2, 'author', 'name'],
          extensions: { code: 'INVALID_GRAPHQL' },
        },
      ],
    },
  });
});

test('a variable that would stand in the way of the entities is refused', async () => {
  const query = 'query ($representations: Boolean) { products { reviews(best: $representations) { id } } }';
  const { errors } = await execute(query, { representations: true });
  expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
});

test('what the API hides can be fetched, but not seen', async () => {
  const { supergraph } = execution;
  expect(supergraph.supergraphSchema.getType('Book')).toHaveProperty('_fields.secret');
  expect(validate(supergraph.schema, parse('{ found { ... on Book { secret } } }'))).toHaveLength(1);
});

test('a plan is made once', async () => {
  const { supergraph } = execution;
  const document = parse('{ me { id } }');
  expect(supergraph.planFor('k', document, undefined)).toBe(supergraph.planFor('k', document, undefined));
});
