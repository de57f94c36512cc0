import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { type CompositionFailed, composeSupergraph } from './composition.ts';

const folder = mkdtempSync(join(tmpdir(), 'compose-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Writes SDL files and a rover.yaml that lists them; the path of the latter. */
function rover(files: Record<string, string>): string {
  const entries = Object.entries(files).map(([name, sdl]) => {
    writeFileSync(join(folder, `${name}.graphql`), sdl);
    return `  ${name}:\n    routing_url: http://${name}.example\n    schema: { file: ./${name}.graphql }\n`;
  });
  const file = join(folder, 'rover.yaml');
  writeFileSync(file, `subgraphs:\n${entries.join('')}`);
  return file;
}

function problems(file: string): string[] {
  try {
    composeSupergraph(file);
  } catch (error) {
    return (error as CompositionFailed).problems;
  }
  throw new Error('it composed');
}

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n';

describe('composeSupergraph', () => {
  it('composes what rover.yaml lists', () => {
    const file = rover({
      a: `${link}type Query { thing: Thing }\ntype Thing @key(fields: "id") { id: ID! a: Int }`,
      b: `${link}type Thing @key(fields: "id") { id: ID! b: Int }`,
    });
    expect(composeSupergraph(file).supergraphSdl).toMatch(/b: Int @join__field\(graph: B\)/);
  });

  it('names file, line and column of a syntax error', () => {
    expect(problems(rover({ a: 'type Query {\n  x: !\n}' }))).toEqual([
      expect.stringMatching(/a\.graphql:2:6: Syntax Error/),
    ]);
  });

  it('names file, line and column of what does not compose', () => {
    const file = rover({ a: `${link}type Query {\n  thing: Thing\n}\ntype Thing @key(fields: "nope") { id: ID! }` });
    expect(problems(file)).toEqual([expect.stringMatching(/a\.graphql:5:12.*"nope".*\[KEY_INVALID_FIELDS\]/s)]);
  });

  it('names every file at fault at once', () => {
    const found = problems(rover({ a: 'type Query {', b: 'type {' }));
    expect(found).toEqual([expect.stringMatching(/a\.graphql/), expect.stringMatching(/b\.graphql/)]);
  });

  it.each([
    ['names: ["a"]', /a\.graphql:7:27: Subscription\.things: @topic has no filter/],
    ['names: ["a"], filter: "event.data.x =="', /does not compile/],
    ['names: ["a"], filter: "evnt.data.x == 1"', /unknown name "evnt"/],
    ['names: [], public: true', /names/],
  ])('refuses a live field that the gateway would refuse: @topic(%s)', (topic, problem) => {
    const file = rover({
      a: `extend schema
        @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@composeDirective"])
        @link(url: "https://todo.local/topic/v1.0", import: ["@topic"])
        @composeDirective(name: "@topic")
      directive @topic(pubsub: String!, names: [String!]!, filter: String, public: Boolean! = false) on FIELD_DEFINITION
      type Query { a: Int }
      type Subscription { things: Int @topic(pubsub: "p", ${topic}) }`,
    });
    expect(problems(file)).toEqual([expect.stringMatching(problem)]);
  });

  it('says what is wrong with rover.yaml itself', () => {
    const file = join(folder, 'broken.yaml');
    writeFileSync(file, 'subgraphs: { a: { routing_url: 7 } }');
    expect(problems(file).join('\n')).toMatch(/broken\.yaml: subgraphs\.a\.routing_url/);
  });
});
