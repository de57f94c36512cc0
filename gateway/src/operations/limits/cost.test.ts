import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../../testing/gateway.ts';
import { events } from '../../testing/events.ts';
import { shop } from '../../testing/shop.ts';
import { FEDERATION, type TestSubgraph } from '../../testing/subgraphs.ts';
import { transports } from '../../testing/transports.ts';

const library: TestSubgraph = {
  name: 'library',
  typeDefs: `${FEDERATION}
    scalar Hash @cost(weight: 3)
    input Find { title: String, hash: String @cost(weight: 5), and: [Find!] }
    type Shelf @cost(weight: 4) { id: ID, hash: Hash, items(first: Int, last: Int): Items }
    type Items { nodes: [Item!]!, count: Int }
    interface Item { id: ID, next: Item }
    type Paper implements Item { id: ID, next: Item, sheets: [Sheet!]! @listSize(assumedSize: 50) }
    type Film implements Item @cost(weight: 7) { id: ID, next: Item @cost(weight: 2), frames: [Sheet!]! @listSize(assumedSize: 80) }
    type Sheet { id: ID }
    type Query {
      shelf(deep: Boolean @cost(weight: 6)): Shelf
      racks: [Shelf!]!
      paged(first: Int, last: Int): Items
        @listSize(slicingArguments: ["first", "last"], sizedFields: ["nodes"])
      sliced(first: Int = 30): [Sheet!]! @listSize(slicingArguments: ["first"])
      assumed(first: Int): [Sheet!]! @listSize(assumedSize: 25, slicingArguments: ["first"], requireOneSlicingArgument: false)
      grid: [[Sheet!]!]!
      dear: String @cost(weight: 12)
      find(by: Find): Sheet
      item: Item
    }
    type Mutation { shelve: Sheet }`,
};

let stage: TestGateway;
beforeAll(async () => {
  stage = await startTestGateway({ MAX_COST: '1' }, false, [...shop, events, library]);
});
afterAll(() => stage.stop());

const [, overHttp] = transports[0] as (typeof transports)[0];
/** What an operation costs: nearly all are refused here, which tells. */
const cost = async (query: string, variables?: unknown): Promise<unknown> => {
  const { errors } = await overHttp(stage, { query, variables });
  const { code, cost: told } = errors?.[0]?.extensions ?? {};
  return code === 'COST_LIMIT_EXCEEDED' ? told : code;
};

test.each<[what: string, query: string, cost: number | string, variables?: unknown]>([
  ['objects, not leaves', '{ me { id name } item { id } }', 8],
  ['the weight of a type', '{ shelf { id } }', 4],
  ['a weight of a scalar', '{ shelf { hash } }', 7],
  ['a weight of a field', '{ dear a: dear }', 24],
  ['an argument', '{ shelf(deep: true) { id } }', 10],
  ['input objects and their fields', '{ find(by: { hash: "x", and: [{ title: "y" }, {}] }) { id } }', 9],
  ['input objects in variables', 'query ($f: Find) { find(by: $f) { id } }', 7, { f: { hash: 'x' } }],
  ['a list of which nothing is said', '{ racks { id } }', 40],
  ['lists in lists', '{ grid { id } }', 100],
  ['a list of an assumed size', '{ assumed { id } }', 25],
  ['a slice of an assumed list', '{ assumed(first: 3) { id } }', 3],
  ['a slice by default', '{ sliced { id } }', 30],
  ['a slice by a literal', '{ sliced(first: 4) { id } }', 4],
  ['a slice by a variable', 'query ($n: Int) { sliced(first: $n) { id } }', 9, { n: 9 }],
  ['a slice by a variable’s default', 'query ($n: Int = 8) { sliced(first: $n) { id } }', 8],
  ['a slice of fewer than none', '{ dear sliced(first: -5) { id } }', 12],
  ['a sized field of an object', '{ paged(first: 20) { nodes { id } count } }', 141],
  ['a list in a list', '{ paged(last: 2) { nodes { ... on Paper { sheets { id } } } } }', 103],
  ['no slicing argument', '{ paged { count } }', 'BAD_USER_INPUT'],
  ['two slicing arguments', '{ paged(first: 1, last: 1) { count } }', 'BAD_USER_INPUT'],
  [
    'the dearest of an interface’s types',
    '{ item { ... on Paper { sheets { id } } ... on Film { frames { id } } } }',
    87,
  ],
  ['the dearest weight of an interface’s field', '{ item { next { id } } }', 9],
  ['a fragment as often as it is spread', '{ a: shelf { ...S } b: shelf { ...S } } fragment S on Shelf { hash }', 14],
  ['nothing that is skipped', 'query ($s: Boolean!) { dear shelf @skip(if: $s) { id } }', 12, { s: true }],
  ['a mutation', 'mutation { shelve { id } }', 11],
])('%s', async (...[, query, expected, variables]) => {
  expect(await cost(query, variables)).toBe(expected);
});

describe.each(transports)('over %s', (_name, send) => {
  test('an operation that costs too much is refused before anything is asked of a subgraph, and counted', async () => {
    stage.received.length = 0;
    const { data, errors } = await send(stage, { query: '{ racks { id } }' });
    expect([data, stage.received]).toEqual([undefined, []]);
    expect(errors?.[0]).toMatchObject({
      message: 'the operation costs 40; at most 1 is allowed',
      extensions: { code: 'COST_LIMIT_EXCEEDED', cost: 40, max: 1 },
    });
    expect(await send(stage, { query: '{ me { id } }' })).toEqual({ data: { me: { id: 'u1' } } });
    const text = await stage.context.metrics.registry.metrics();
    expect(text).toMatch(/gateway_limits_hit_total\{limit="cost"\} \d/);
    expect(text).toMatch(/gateway_operation_cost_count \d/);
  });
});
