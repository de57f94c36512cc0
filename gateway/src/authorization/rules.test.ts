import internals from '@apollo/federation-internals';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { prepareForApolloGateway } from '../supergraph/prepare.ts';
import { guarded, withoutRepeatedScopes } from '../testing/guarded.ts';
import { shop } from '../testing/shop.ts';
import { composed } from '../testing/subgraphs.ts';
import type { Requirement } from './requirement.ts';
import { readRules, type Rules } from './rules.ts';

const rulesOf = (sdl: string): Rules | undefined =>
  readRules(internals.Supergraph.build(prepareForApolloGateway(sdl)).schema);
const shown = (requirements: Iterable<Requirement>): string[] =>
  [...requirements].map(({ scopes }) => (scopes ? scopes.map((set) => set.join('+')).join(' | ') : 'identity')).sort();

let sdl: string;
let rules: Rules;
beforeAll(() => {
  sdl = composed(guarded);
  expect(withoutRepeatedScopes(sdl).match(/\["weight"\]/g)).toHaveLength(2);
  rules = rulesOf(withoutRepeatedScopes(sdl)) as Rules;
});
const field = (coordinate: string) => shown(rules.field(...(coordinate.split('.') as [string, string])));

test.each<[what: string, coordinate: string, requirements: string[]]>([
  ['nothing', 'Query.open', []],
  ['what is stated on it, one set of scopes or the other', 'Query.secret', ['admin', 'read+secrets']],
  ['an identity', 'User.ssn', ['identity']],
  ['what the scalar takes that it returns', 'Query.code', ['identity']],
  ['what the enum takes that it returns', 'Query.level', ['level']],
  ['what the object takes that it returns', 'Query.vault', ['admin']],
  ['what its own type takes', 'Vault.gold', ['admin']],
  ['nothing for an interface that an open type implements', 'Query.items', []],
  ['what its type takes, though an interface has it', 'Sealed.title', ['identity']],
  ['nothing, though another type of the interface is protected', 'Open.title', []],
  ['nothing, though another type’s field is protected', 'Open.body', []],
  ['what is stated on it for one type', 'Partly.body', ['body']],
  ['what the interfaceObject states, for each type', 'Open.rating', ['rating']],
  ['that together with what its type takes', 'Sealed.rating', ['identity', 'rating']],
  ['what all types of a union take', 'Mutation.unseal', ['identity']],
  ['nothing for a union with an open type', 'Query.found', []],
  ['what its @requires takes', 'User.postage', ['weight']],
  ['what the @requires of its @requires takes', 'User.doublePostage', ['weight']],
  ['what its context takes', 'Parcel.label', ['weight']],
  ['on an interface, what any type takes', 'Item.body', ['body', 'identity']],
])('a field takes %s: %s', (_what, coordinate, requirements) => {
  expect(field(coordinate).join(' | ').split(' | ').filter(Boolean).sort()).toEqual(requirements);
});

test('an object takes what its type takes, one of unknown type what any takes', () => {
  expect([shown(rules.type('Open')), shown(rules.type('Sealed')), shown(rules.type('Found'))]).toEqual([
    [],
    ['identity'],
    ['identity'],
  ]);
});

test('without directives there are no rules', () => {
  expect(rulesOf(composed(shop))).toBeUndefined();
});

const interfaceSdl = (typeRule: string, fieldRule: string): Rules =>
  rulesOf(
    sdl
      .replace(/(interface Item[^{]*?)(?:\s@authenticated)(?=\s*\{)/, `$1 ${typeRule}`)
      .replace(/(interface Item[^}]*?body: String[^\n]*?) @requiresScopes[^\n]*/, `$1 ${fieldRule}`),
  ) as Rules;

describe('what an interface states', () => {
  test('beyond its implementations counts for all of them', () => {
    const strict = interfaceSdl('@requiresScopes(scopes: [["item"]])', '@authenticated');
    expect(shown(strict.type('Open'))).toEqual(['item']);
    expect(shown(strict.field('Open', 'title'))).toEqual(['item']);
    expect(shown(strict.field('Partly', 'body'))).toEqual(['body', 'identity', 'item']);
    expect(shown(strict.field('Query', 'items'))).toEqual(['item']);
  });

  test('as the conjunction of its implementations counts for each as it states it', () => {
    const together = rulesOf(
      sdl
        .replace(/(type Open [^}]*?body: String)/, '$1 @requiresScopes(scopes: [["x"], ["y"]])')
        .replace(
          /(interface Item[^}]*?body: String[^\n]*?) @requiresScopes[^\n]*/,
          '$1 @requiresScopes(scopes: [["body", "x"], ["body", "y"]])',
        ),
    ) as Rules;
    expect(shown(together.field('Open', 'body'))).toEqual(['x | y']);
    expect(shown(together.field('Partly', 'body'))).toEqual(['body']);
  });
});

describe('directives', () => {
  test('have the names that the supergraph gives them', () => {
    const renamed = sdl
      .replace(
        '"https://specs.apollo.dev/authenticated/v0.1"',
        '"https://specs.apollo.dev/authenticated/v0.1", as: "login"',
      )
      .replaceAll('@authenticated', '@login');
    expect(shown((rulesOf(renamed) as Rules).field('User', 'ssn'))).toEqual(['identity']);
  });

  test.each([
    ['a version that is not known', (text: string) => text.replace('authenticated/v0.1', 'authenticated/v0.9'), /v0.9/],
    [
      'no set of scopes',
      (text: string) => text.replace('[["level"]]', '[]'),
      /Level: @requiresScopes .*protects nothing/,
    ],
    ['an empty set of scopes', (text: string) => text.replace('[["level"]]', '[["level"], []]'), /protects nothing/],
    [
      '@policy',
      (text: string) =>
        text.replace(
          '@link(url: "https://specs.apollo.dev/auth',
          '@link(url: "https://specs.apollo.dev/policy/v0.1", for: SECURITY)\n  $&',
        ),
      /uses @policy, which this gateway cannot enforce/,
    ],
  ])('are refused with %s', (_what, change, message) => {
    expect(() => rulesOf(change(sdl))).toThrow(message);
  });
});
