import { expect, test } from '@jest/globals';
import { buildSchema, parse } from 'graphql';
import { readEntityKeys } from './entity-keys.ts';
import { compileValue } from './value.ts';

const sdl = `
  directive @join__type(graph: join__Graph!, key: String, resolvable: Boolean) repeatable on OBJECT
  directive @join__graph(name: String!) on ENUM_VALUE
  enum join__Graph { EVENTS @join__graph(name: "events") OTHER @join__graph(name: "other") }
  type Query { a: Int }
  type Subscription { changed: Changed! listed: [Item!] }
  type Changed {
    id: ID!, type: String, at: String, subject: ID, source: String, amount: Int
    user: User, owner: User, parts: [Part!], target: Target, targets: [Target!], pair: Pair
  }
  type User @join__type(graph: EVENTS, key: "id", resolvable: false) @join__type(graph: OTHER, key: "email") { id: ID!, email: String }
  type Part { name: String, of: User }
  type Item { name: String }
  type Pair @join__type(graph: EVENTS, key: "a b", resolvable: false) { a: ID, b: ID }
  interface Named { name: String }
  type Cat implements Named { name: String, lives: Int }
  type Dog implements Named { name: String }
  union Target = Cat | Dog`;
const valueOf = (selection: string, data: unknown, subject: string | null = 's1') =>
  compileValue(buildSchema(sdl), readEntityKeys(parse(sdl), 'events'), {
    operation: `subscription { changed ${selection} }`,
  })({
    specversion: '1.0',
    id: 'e1',
    source: '/s',
    type: 't1',
    time: '2026-01-01T00:00:00Z',
    ...(subject !== null && { subject }),
    data,
  })['changed'];

test('the envelope gives id, type, time and subject; data everything else, by name', () => {
  expect(valueOf('{ id type at subject source n: amount __typename t: __typename }', { id: 'x', amount: 3 })).toEqual({
    id: 'e1',
    type: 't1',
    at: '2026-01-01T00:00:00Z',
    subject: 's1',
    source: null,
    n: 3,
    __typename: 'Changed',
    t: 'Changed',
  });
});

test('an entity’s key is in its field of data, or else it is the subject', () => {
  const selection = '{ user { __typename id } o: owner { key: id } }';
  expect(valueOf(selection, { owner: { id: 'u2' } })).toEqual({
    user: { __typename: 'User', id: 's1' },
    o: { key: 'u2' },
  });
});

test('an entity is null where the event says so, or does not say which', () => {
  expect(valueOf('{ user { id } owner { id } }', { user: null })).toEqual({ user: null, owner: { id: 's1' } });
  expect(valueOf('{ user { id } }', {}, null)).toEqual({ user: null });
});

test('the subject stands for one field, not for several', () => {
  expect(valueOf('{ pair { a b } }', {})).toEqual({ pair: null });
  expect(valueOf('{ pair { a b } }', { pair: { a: 1, b: 2 } })).toEqual({ pair: { a: 1, b: 2 } });
});

test('objects and lists within data are taken as they are', () => {
  expect(valueOf('{ parts { name of { id } } }', { parts: [{ name: 'p', of: { id: 'u3' } }, { name: 'q' }] })).toEqual({
    parts: [
      { name: 'p', of: { id: 'u3' } },
      { name: 'q', of: { id: 's1' } },
    ],
  });
  expect(valueOf('{ parts { name } }', {})).toEqual({ parts: null });
});

test('an abstract type is what the data’s __typename says', () => {
  const selection = '{ target { __typename ... on Named { name } ... on Cat { lives } ... on Dog { bark: name } } }';
  expect(valueOf(selection, { target: { __typename: 'Cat', name: 'Tom', lives: 9 } })).toEqual({
    target: { __typename: 'Cat', name: 'Tom', lives: 9 },
  });
});

test('nothing comes from a prototype', () => {
  expect(valueOf('{ amount }', JSON.parse('{"__proto__":{"amount":3}}'))).toEqual({ amount: null });
  expect(valueOf('{ constructor: amount }', {})).toEqual({ constructor: null });
});
