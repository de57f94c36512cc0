import { expect, test } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import { SubscriptionRootRule } from './subscription-root.ts';

const schema = buildSchema('type Query { a: Int } type Subscription { a: A b: A } type A { x: Int }');
const problems = (document: string) =>
  validate(schema, parse(document), [SubscriptionRootRule]).map(({ message }) => message);

test.each([
  ['a field with a variable', 'subscription ($x: Boolean!) { a @include(if: $x) { x } }'],
  ['a field with a value', 'subscription { a @skip(if: false) { x } }'],
  ['a field without a value', 'subscription { a @skip { x } }'],
  ['an inline fragment', 'subscription ($x: Boolean!) { ... @skip(if: $x) { a { x } } }'],
  ['a spread', 'subscription ($x: Boolean!) { ...F @skip(if: $x) } fragment F on Subscription { a { x } }'],
  [
    'within a fragment',
    'subscription ($x: Boolean!) { ...F ...F } fragment F on Subscription { ...F a @skip(if: $x) { x } }',
  ],
])('@skip and @include on the first level are refused: %s', (_what, document) => {
  expect(problems(document)).toEqual([
    'Anonymous Subscription must not use `@skip` or `@include` directives in the top level selection.',
  ]);
});

test('they are allowed below, and elsewhere', () => {
  expect(problems('subscription ($x: Boolean!) { a { x @skip(if: $x) ... @include(if: $x) { x } } }')).toEqual([]);
  expect(problems('query ($x: Boolean!) { a @skip(if: $x) }')).toEqual([]);
});

test('one field is selected, no more', () => {
  expect(problems('subscription S { a { x } b { x } }')).toEqual([
    'Subscription "S" must select only one top level field.',
  ]);
});
