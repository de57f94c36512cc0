import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { buildSchema, Kind, parse, type FieldNode, type OperationDefinitionNode } from 'graphql';
import { compileBody } from './body.ts';
import { createCode, literal } from './code.ts';
import { jsonText, quote } from './json-text.ts';
import { setOwn, type Data } from './place.ts';
import { compileRepresentation } from './representation-text.ts';
import { createWriters } from './response/writers.ts';
import { startWriting } from './response/writing.ts';
import type { Run } from './run.ts';
import { createSharing } from './sharing.ts';
import { compileObjectsAt } from './walk.ts';

/** What would do harm if it became code, or JSON, as it is. */
const HOSTILE = [
  '"];globalThis.hacked=1;//',
  "'];globalThis.hacked=1;//",
  '`${globalThis.hacked=1}`',
  '${globalThis.hacked=1}',
  '"+(globalThis.hacked=1)+"',
  '\\"+(globalThis.hacked=1)+"',
  '*/globalThis.hacked=1/*',
  '\n;globalThis.hacked=1;',
  '\u2028globalThis.hacked=1\u2029',
  '</script>',
  '\ud800',
  '__proto__',
  'constructor',
  'toString',
];
const names = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary' }), fc.string());

const schema = buildSchema('type Query { a: String, list: [T!], one: T } type T { a: String }');

function dataOf(entries: [string, unknown][]): Data {
  const data: Data = {};
  for (const [name, value] of entries) setOwn(data, name, value);
  return data;
}

/** Runs a property over many names; nothing of theirs may have run. */
function holds(property: fc.IProperty<[string]>): void {
  fc.assert(property, { numRuns: 300 });
  fc.assert(property, { examples: HOSTILE.map((name): [string] => [name]), numRuns: HOSTILE.length });
  expect(globalThis).not.toHaveProperty('hacked');
  expect(Object.prototype).not.toHaveProperty('polluted');
}

test('a text is what it is, in code and in JSON', () => {
  holds(
    fc.property(names, (text) => {
      const code = createCode();
      const main = code.define('', `return ${literal(text)};`);
      expect(code.build<() => string>(main)()).toBe(text);
      expect(quote(text)).toBe(JSON.stringify(text));
      expect(jsonText({ [text]: [text] })).toBe(JSON.stringify({ [text]: [text] }));
    }),
  );
});

test('representations are written of any names and values', () => {
  holds(
    fc.property(names, (name) => {
      const field = { kind: 'Field' as const, name };
      const requires = [
        {
          kind: 'InlineFragment' as const,
          typeCondition: 'T',
          selections: [
            { kind: 'Field' as const, name: '__typename' },
            { ...field, selections: [field] },
          ],
        },
      ];
      const entity = dataOf([
        ['__typename', 'T'],
        [name, [dataOf([[name, name]]), null]],
      ]);
      const text = compileRepresentation(schema, requires)(entity);
      if (name !== '__typename') expect(JSON.parse(text ?? '')).toEqual(entity);
    }),
  );
});

test('paths lead through any names', () => {
  holds(
    fc.property(names, (name) => {
      const inner = dataOf([[name, name]]);
      const data = dataOf([[name, [inner, null]]]);
      expect(compileObjectsAt([name, '@'])(data, createSharing())).toEqual(name === '@' ? [] : [inner]);
      expect(compileObjectsAt([name])({}, createSharing())).toEqual([]);
    }),
  );
});

test('variables get into a request as values', () => {
  holds(
    fc.property(names, (name) => {
      const bodyOf = compileBody({
        kind: 'Fetch',
        serviceName: 's',
        operation: `query { ${name} }`,
        operationName: name,
        operationKind: 'query',
        variableUsages: [name],
        operationDocumentNode: undefined,
      } as never);
      expect(JSON.parse(bodyOf({ variables: dataOf([[name, name]]) }, '"more":1'))).toEqual({
        query: `query { ${name} }`,
        operationName: name,
        variables: dataOf([
          [name, name],
          ['more', 1],
        ]),
      });
    }),
  );
});

test('responses are written under any names, with any values', () => {
  const { definitions } = parse('{ a: a one { a: a } list { a: a } t: __typename }');
  const operation = definitions[0] as OperationDefinitionNode;
  holds(
    fc.property(names, (name) => {
      const renamed = (field: FieldNode): FieldNode => ({ ...field, alias: { kind: Kind.NAME, value: name } });
      const [a, one, list, t] = operation.selectionSet.selections as [FieldNode, FieldNode, FieldNode, FieldNode];
      const selectionSet = { kind: Kind.SELECTION_SET as const, selections: [renamed(a)] };
      const selections = [renamed(a), { ...one, selectionSet }, { ...list, selectionSet }, t];
      const write = createWriters({
        schema,
        fragments: new Map(),
        variables: {},
        operation: { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections } },
        responseNames: new Map([['t', name]]),
        access: undefined,
        maxLength: 1e6,
      });
      if (['one', 'list', 't'].includes(name)) return;
      const inner = dataOf([[name, name]]);
      const data = dataOf([
        [name, name],
        ['one', inner],
        ['list', [inner, dataOf([['__typename', name]])]],
      ]);
      const run = { sharing: createSharing(), data } as Run;
      const writing = startWriting(run);
      const text = write(data, writing, 0) ?? '';
      // The root's name takes the place of the field of the same response name.
      expect(JSON.parse(text)).toEqual({ ...dataOf([[name, 'Query']]), one: inner, list: null });
    }),
  );
});
