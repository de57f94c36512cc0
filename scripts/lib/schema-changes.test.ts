import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { composeSupergraph } from './composition.ts';
import { schemaChanges } from './schema-changes.ts';

const folder = mkdtempSync(join(tmpdir(), 'changes-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A supergraph of one subgraph. */
function supergraph(sdl: string): string {
  const link = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@inaccessible", "@authenticated"])`;
  writeFileSync(join(folder, 'a.graphql'), `${link}\n${sdl}`);
  const file = join(folder, 'rover.yaml');
  writeFileSync(file, 'subgraphs:\n  a:\n    routing_url: http://a.example\n    schema: { file: ./a.graphql }\n');
  return composeSupergraph(file).supergraphSdl;
}
const BASE = 'type Query { thing(id: ID): Thing } type Thing { id: ID! name: String size: Int @inaccessible }';
const changes = (from: string, to: string) => schemaChanges(supergraph(BASE), supergraph(BASE.replace(from, to)));

describe('schemaChanges', () => {
  it('finds nothing in the same schema, nor in more of it', () => {
    expect(changes('', '')).toEqual({ breaking: [], dangerous: [] });
    expect(changes('name: String', 'name: String color: String')).toEqual({ breaking: [], dangerous: [] });
  });

  it.each([
    ['a field is removed', 'name: String', '', 'FIELD_REMOVED: Thing.name was removed.'],
    ['a field is hidden', 'name: String', 'name: String @inaccessible', 'FIELD_REMOVED: Thing.name was removed.'],
    ['a field is of another type', 'name: String', 'name: Int', 'FIELD_CHANGED_KIND: Thing.name changed type'],
    ['an argument is demanded', 'id: ID)', 'id: ID!)', 'ARG_CHANGED_KIND: Query.thing arg id has changed type'],
  ])('breaking: %s', (_, from, to, line) => {
    expect(changes(from, to).breaking).toEqual([expect.stringContaining(line)]);
  });

  it('is not concerned with what no client sees', () => {
    expect(changes('size: Int', 'size: String')).toEqual({ breaking: [], dangerous: [] });
  });

  it('dangerous: an argument gets a default', () => {
    const { breaking, dangerous } = changes('id: ID)', 'id: ID, size: Int = 1)');
    expect([breaking, dangerous]).toEqual([[], [expect.stringMatching(/^OPTIONAL_ARG_ADDED/)]]);
  });

  it('dangerous: others may see a field', () => {
    expect(changes('name: String', 'name: String @authenticated')).toEqual({
      breaking: [],
      dangerous: ['ACCESS_CHANGED: Thing.name: no rule → @authenticated'],
    });
  });
});
