import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { events } from './testing/events.ts';
import { startTestGateway, type TestGateway } from './testing/gateway.ts';
import { shop } from './testing/shop.ts';
import { FEDERATION, type TestSubgraph } from './testing/subgraphs.ts';
import { transports } from './testing/transports.ts';

let stage: TestGateway;
beforeAll(async () => {
  stage = await startTestGateway({
    MAX_TOKENS: '10000',
    MAX_DEPTH: '10',
    MAX_SELECTIONS: '100',
    MAX_ROOT_FIELDS: '3',
    MAX_ALIASES: '4',
    MAX_DIRECTIVES: '4',
    MAX_INPUT_DEPTH: '4',
  });
});
afterAll(() => stage.stop());

const times = (n: number, of: (i: number) => string): string => Array.from({ length: n }, (_, i) => of(i)).join(' ');
const nested = (n: number, field: string, inner: string): string =>
  `${`${field} { `.repeat(n)}${inner}${' }'.repeat(n)}`;

type Case = [what: string, limit: string, query: string, variables?: unknown];
const exceeding: Case[] = [
  ['tokens', 'tokens', `{ me { ${times(10_000, () => 'id')} } }`],
  ['nesting of brackets', 'nesting', `{ user(id: ${'['.repeat(9000)}`],
  ['depth', 'depth', `{ me { ${nested(5, 'reviews { author', 'id')}${' }'.repeat(5)} } }`],
  ['selections', 'selections', `{ me { ${times(101, () => 'id')} } }`],
  ['spreads of nothing', 'selections', `{ ...A } ${doubled('A', 40)}`],
  [
    'fields on the first level',
    'rootFields',
    '{ a: me { id } ...F } fragment F on Query { b: me { id } users { id } fails }',
  ],
  ['aliases', 'aliases', '{ me { ...F ...F x: id } } fragment F on User { a: id b: id }'],
  [
    'directives',
    'directives',
    '{ me @skip(if: false) { ...F ...F } } fragment F on User { id @skip(if: false) @include(if: true) }',
  ],
  ['directives on variables', 'directives', `query (${times(6, (i) => `$v${i}: ID @x`)}) { me { id } }`],
  ['literals', 'inputDepth', '{ user(id: [[{ a: [{}] }]]) { id } }'],
  ['variables', 'inputDepth', 'query ($id: ID!) { user(id: $id) { id } }', { id: [[{ a: [{}] }]] }],
  [
    'rounds of introspection',
    'introspectionDepth',
    '{ __type(name: "User") { fields { type { fields { type { fields { name } } } } } } }',
  ],
];
function doubled(name: string, levels: number): string {
  const fragments = times(levels, (i) => `fragment ${name}${i} on Query { ...${name}${i + 1} ...${name}${i + 1} }`);
  return `${fragments.replace(`${name}0`, name)} fragment ${name}${levels} on Query { ...Missing }`;
}

const codeOf = (limit: string): string => `${limit.replace(/[A-Z]/g, '_$&').toUpperCase()}_LIMIT_EXCEEDED`;
const hits = async (limit: string): Promise<number> => {
  const { values } = await stage.context.metrics.limitsHit.get();
  return values.find(({ labels }) => labels.limit === limit)?.value ?? 0;
};

describe.each(transports)('over %s', (_name, send) => {
  test.each(exceeding)('too many or too deep %s are refused, and counted', async (...[, limit, query, variables]) => {
    const before = await hits(limit);
    stage.received.length = 0;
    const { data, errors } = await send(stage, { query, variables });
    expect([data, errors?.length, errors?.[0]?.extensions['code']]).toEqual([undefined, 1, codeOf(limit)]);
    expect(errors?.[0]?.message).toMatch(/too deep|more than|at most/);
    expect(stage.received).toEqual([]);
    expect(await hits(limit)).toBe(before + 1);
  });
});

describe.each(transports)('over %s', (_name, send) => {
  test('thousands of mistakes are answered with a few errors', async () => {
    const { errors } = await send(stage, { query: `{ me { ${times(90, (i) => `f${i}`)} } }` });
    expect(errors).toHaveLength(21);
    expect(errors?.at(-1)?.message).toMatch(/Too many validation errors/);
  });
});

const guesses: TestSubgraph = {
  name: 'guesses',
  typeDefs: `${FEDERATION}
    enum Colour { CRIMSON, AZURE }
    input Paint { colour: Colour, layers: Int }
    type Paintable { name: String }
    type Query { paintable: Paintable, paint(with: Paint, colour: Colour): String, hint: String }`,
  resolvers: {
    Query: {
      paint: () => 'wet',
      hint: () => {
        throw new GraphQLError('no such colour. Did you mean the enum value "CRIMSON", or "AZURE"? Ask.');
      },
    },
  },
};
const guessing: [what: string, secret: string, query: string, variables?: unknown][] = [
  ['a field', 'paint', '{ pain }'],
  ['an argument', 'with', '{ paint(wit: { layers: 1 }) }'],
  ['a type', 'Paintable', '{ ... on Paintabl { __typename } }'],
  ['a literal enum value', 'CRIMSON', '{ paint(colour: CRIMSOM) }'],
  ['a literal input field', 'colour', '{ paint(with: { colou: AZURE }) }'],
  ['an enum value in variables', 'CRIMSON', 'query ($v: Colour) { paint(colour: $v) }', { v: 'CRIMSOM' }],
  ['an input field in variables', 'colour', 'query ($v: Paint) { paint(with: $v) }', { v: { colou: 'AZURE' } }],
  ['an enum value within variables', 'AZURE', 'query ($v: Paint) { paint(with: $v) }', { v: { colour: 'AZUR' } }],
  ['what a subgraph suggests', 'CRIMSON', '{ hint }'],
  ['the whole schema', 'Paint', '{ __schema { types { name } } }'],
  ['a type of the schema', 'layers', '{ __type(name: "Paint") { inputFields { name } } }'],
];

describe('where the schema cannot be asked for', () => {
  let closed: TestGateway;
  let open: TestGateway;
  beforeAll(async () => {
    closed = await startTestGateway({ INTROSPECTION: 'false' }, false, [...shop, events, guesses]);
    open = await startTestGateway({ INTROSPECTION: 'true' }, false, [...shop, events, guesses]);
  });
  afterAll(() => Promise.all([closed.stop(), open.stop()]));

  describe.each(transports)('over %s', (_name, send) => {
    test.each(guessing)('nobody learns it by guessing %s', async (...[, secret, query, variables]) => {
      const answers = await Promise.all([closed, open].map((gateway) => send(gateway, { query, variables })));
      const [hidden, shown] = answers.map((answer) => new RegExp(`\\b${secret}\\b`).test(JSON.stringify(answer)));
      expect([answers[0]?.errors !== undefined, hidden, shown]).toEqual([true, false, true]);
    });
  });
});
