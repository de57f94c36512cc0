import { expect, it } from '@jest/globals';
import { buildSchema, graphql } from 'graphql';
import { asksFor } from './selection.ts';

const schema = buildSchema(`
  type Query { node: Node }
  type Node { id: ID, name: String, next: Node }
`);

async function asks(source: string): Promise<boolean | undefined> {
  let found: boolean | undefined;
  const rootValue = {
    node: (_args: object, _context: unknown, info: Parameters<typeof asksFor>[0]) => {
      found = asksFor(info, 'name');
      return {};
    },
  };
  expect((await graphql({ schema, source, rootValue })).errors).toBeUndefined();
  return found;
}

it.each([
  ['{ node { id } }', false],
  ['{ node { next { other: name } } }', true],
  ['{ node { id } node { next { name } } }', true],
  ['{ node { ... { ... on Node { name } } } }', true],
  ['{ node { ...A ...B } } fragment A on Node { ...B } fragment B on Node { next { name } }', true],
  ['{ node { name: id ...A } } fragment A on Node { id next { ...B ...B } } fragment B on Node { id }', false],
  ['{ node { id } name: node { id } }', false],
])('%s', async (source, expected) => {
  expect(await asks(source)).toBe(expected);
});
