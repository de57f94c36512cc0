import internals from '@apollo/federation-internals';
import { beforeAll, expect, test } from '@jest/globals';
import { parse, print, stripIgnoredCharacters, validate, type GraphQLSchema } from 'graphql';
import { prepareForApolloGateway } from '../supergraph/prepare.ts';
import { guarded } from '../testing/guarded.ts';
import { composed } from '../testing/subgraphs.ts';
import type { Access } from './access.ts';
import { createAuthorize, type Authorize } from './authorize.ts';
import { filterOperation } from './filter.ts';
import { readRules, type Rules } from './rules.ts';

let schema: GraphQLSchema;
let authorize: Authorize;
beforeAll(() => {
  const supergraph = internals.Supergraph.build(prepareForApolloGateway(composed(guarded)));
  schema = supergraph.apiSchema().toGraphQLJSSchema();
  authorize = createAuthorize(readRules(supergraph.schema) as Rules, schema, 100);
});

const someone = (...scopes: string[]) => ({ sub: 'ada', scopes, claims: {} });
const accessTo = (query: string, identity?: ReturnType<typeof someone>) => authorize(query, parse(query), identity);

function filtered(query: string, identity?: ReturnType<typeof someone>, maxFields?: number): string {
  const document = parse(query);
  expect(validate(schema, document)).toEqual([]);
  const result = filterOperation(schema, document, undefined, accessTo(query, identity) as Access, maxFields);
  return stripIgnoredCharacters(print(result));
}

test.each<[what: string, query: string, expected: string]>([
  ['a field', '{ open secret }', '{open}'],
  ['all fields', '{ secret }', '{__typename}'],
  ['a mutation’s field', 'mutation { wipe note }', 'mutation{note}'],
  ['all that an object selects', '{ me { ssn } }', '{me{__typename}}'],
  ['a field with what it selects', '{ vault { gold of { name } } open }', '{open}'],
  ['a field under aliases', '{ a: secret b: secret c: open }', '{c:open}'],
  ['a field in an inline fragment', '{ ... { secret } ... on Query { open secret } }', '{...on Query{open}}'],
  ['a field in a named fragment', '{ ...F } fragment F on Query { open secret }', '{...on Query{open}}'],
  [
    'a field in fragments in fragments',
    '{ me { ...F } } fragment F on User { ...G name } fragment G on User { ssn id }',
    '{me{...on User{...on User{id}name}}}',
  ],
  [
    'a skipped field',
    'query($a:Boolean!){ secret @skip(if: $a) open @skip(if: $a) }',
    'query($a:Boolean!){open@skip(if:$a)}',
  ],
  [
    'a fragment, not its condition',
    'query($a:Boolean!){ ...@include(if: $a) { open secret } }',
    'query($a:Boolean!){...on Query@include(if:$a){open}}',
  ],
  [
    'of an interface, for the types that are protected',
    '{ items { title } }',
    '{items{__typename ...on Open{title}...on Partly{title}}}',
  ],
  [
    'of an interface, for types whose field is protected',
    '{ items { id body } }',
    '{items{__typename ...on Open{id}...on Partly{id}...on Open{body}}}',
  ],
  ['of an interface, all', '{ items { rating } }', '{items{__typename}}'],
  [
    'of a union, a type',
    '{ found { ... on Sealed { title __typename } ... on Open { title } } }',
    '{found{__typename ...on Sealed{__typename}...on Open{title}}}',
  ],
  [
    'of a wider type, what the narrower one around it protects',
    '{ items { ... on Sealed { ... on Item { id } } ... on Open { ... on Item { body } } } }',
    '{items{__typename ...on Open{...on Item{body}}}}',
  ],
  [
    'at each level, for the types that are allowed there',
    '{ item(id: 1) { related { body } } }',
    '{item(id:1){__typename ...on Open{related{__typename ...on Open{body}}}...on Partly{related{__typename ...on Open{body}}}}}',
  ],
  [
    'nothing of introspection, which others answer',
    '{ __schema { types { name } } open __typename secret }',
    '{open __typename}',
  ],
])('takes out %s', (_what, query, expected) => {
  expect(filtered(query)).toBe(expected);
});

test('leaves what scopes permit', () => {
  const query = '{ secret code level me { ssn weight } items { body rating } }';
  expect(filtered(query, someone())).toBe('{code me{ssn}items{__typename ...on Open{body}...on Sealed{body}}}');
  expect(filtered(query, someone('read', 'level'))).toBe(
    '{code level me{ssn}items{__typename ...on Open{body}...on Sealed{body}}}',
  );
  expect(filtered(query, someone('secrets', 'read', 'weight', 'body'))).toBe(
    '{secret code me{ssn weight}items{__typename body}}',
  );
  expect(accessTo(query, someone('admin', 'weight', 'body', 'rating', 'level'))).toBeUndefined();
});

test('what a caller may not see depends on nothing but what the operation selects', () => {
  expect(accessTo('{ open me { name } }')).toBeUndefined();
  expect(accessTo('{ items { __typename } }', someone())).toBeUndefined();
  expect(accessTo('{ items { __typename } }')).toBeDefined();
  expect(accessTo('{ secret }', someone('x'))?.key).toBe(accessTo('{ secret }', someone('y'))?.key);
  expect(accessTo('{ secret code }', someone('x'))?.key).not.toBe(accessTo('{ secret code }')?.key);
});

test('a subscription whose field is withheld is refused', () => {
  expect(() => filtered('subscription { w: watched { id } }', someone())).toThrow(
    /does not permit Subscription.watched/,
  );
  expect(() => filtered('subscription { ...F } fragment F on Subscription { watched { id } }')).toThrow(
    /Subscription.watched needs an access token/,
  );
  expect(filtered('subscription { changed { id by } }', someone())).toBe('subscription{changed{id}}');
});

test('type conditions cannot multiply without bounds', () => {
  const nested = (levels: number): string => (levels === 0 ? 'body' : `related { ${nested(levels - 1)} }`);
  expect(() => filtered(`{ items { ${nested(15)} } }`)).toThrow(/selects too many fields/);
  // Once for a type is no copy: `related` and `body` of the second type that may be seen are.
  const query = '{ items { related { body } open: owner { a: id b: id c: id } } }';
  expect(filtered(query, undefined, 8)).toContain('...on Partly{related');
  expect(() => filtered(query, undefined, 1)).toThrow(/selects too many fields/);
});
