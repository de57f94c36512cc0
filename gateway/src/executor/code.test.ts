import { isDeepStrictEqual } from 'node:util';
import { expect, test } from '@jest/globals';
import { sampling, timeLimit } from '@todo/service/testing/sampling';
import fc from 'fast-check';
import { buildSchema, Kind, OperationTypeNode, parse, type FieldNode, type OperationDefinitionNode } from 'graphql';
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

/** Keys that are numbers come first in objects, and where they were in texts. */
function isJson(text: string | undefined, value: unknown): boolean {
  return text !== undefined && isDeepStrictEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
}

/** What a predicate does not hold for, of many names and the hostile ones; nothing of theirs may have run. */
function counterexample(holds: (name: string) => boolean): string {
  const details = fc.check(fc.property(names, holds), {
    ...sampling(500),
    examples: HOSTILE.map((name): [string] => [name]),
  });
  if (details.failed) return fc.defaultReportMessage(details) ?? '';
  return 'hacked' in globalThis || 'polluted' in {} ? 'it ran' : '';
}

test(
  'a text is what it is, in code and in JSON',
  () => {
    const found = counterexample((text) => {
      const code = createCode();
      const main = code.define('', `return ${literal(text)};`);
      const object = dataOf([[text, [text]]]);
      return (
        code.build<() => string>(main)() === text &&
        quote(text) === JSON.stringify(text) &&
        jsonText(object) === JSON.stringify(object)
      );
    });
    expect(found).toBe('');
  },
  timeLimit(60_000),
);

test(
  'representations are written of any names and values',
  () => {
    const found = counterexample((name) => {
      const field = { kind: 'Field' as const, name };
      const typename = { kind: 'Field' as const, name: '__typename' };
      const selections = [typename, { ...field, selections: [field] }];
      const requires = [{ kind: 'InlineFragment' as const, typeCondition: 'T', selections }];
      const entity = dataOf([
        ['__typename', 'T'],
        [name, [dataOf([[name, name]]), null]],
      ]);
      const text = compileRepresentation(schema, requires)(entity);
      return name === '__typename' || isJson(text, entity);
    });
    expect(found).toBe('');
  },
  timeLimit(60_000),
);

test(
  'paths lead through any names',
  () => {
    const found = counterexample((name) => {
      const inner = dataOf([[name, name]]);
      const data = dataOf([[name, [inner, null]]]);
      const [found, none] = [
        compileObjectsAt([name, '@'])(data, createSharing()),
        compileObjectsAt([name])({}, createSharing()),
      ];
      return none.length === 0 && (name === '@' || (found.length === 1 && found[0] === inner));
    });
    expect(found).toBe('');
  },
  timeLimit(60_000),
);

test(
  'variables get into a request as values',
  () => {
    const found = counterexample((name) => {
      const fetch = { serviceName: 's', operation: `{ ${name} }`, operationName: name, variableUsages: [name] };
      const bodyOf = compileBody({ ...fetch, kind: 'Fetch', operationKind: OperationTypeNode.QUERY });
      const variables = dataOf([[name, name]]);
      const whole = {
        query: fetch.operation,
        operationName: name,
        variables: dataOf([
          [name, name],
          ['more ', 1],
        ]),
      };
      return isJson(bodyOf({ variables }, '"more ":1'), whole) || name === 'more ';
    });
    expect(found).toBe('');
  },
  timeLimit(60_000),
);

test(
  'responses are written under any names, with any values',
  () => {
    const { definitions } = parse('{ a: a one { a: a } list { a: a } t: __typename }');
    const operation = definitions[0] as OperationDefinitionNode;
    const [a, one, list, t] = operation.selectionSet.selections as [FieldNode, FieldNode, FieldNode, FieldNode];
    const found = counterexample((name) => {
      const renamed: FieldNode = { ...a, alias: { kind: Kind.NAME, value: name } };
      const selectionSet = { kind: Kind.SELECTION_SET as const, selections: [renamed] };
      const selections = [renamed, { ...one, selectionSet }, { ...list, selectionSet }, t];
      const write = createWriters({
        schema,
        fragments: new Map(),
        variables: {},
        operation: { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections } },
        responseNames: new Map([['t', name]]),
        access: undefined,
        maxLength: 1e6,
        tally: { characters: 0 },
      });
      const inner = dataOf([[name, name]]);
      const data = dataOf([
        [name, name],
        ['one', inner],
        ['list', [inner, dataOf([['__typename', name]])]],
      ]);
      const text = write(data, startWriting({ sharing: createSharing(), data } as Run), 0);
      // The root's name has the place of the field of its response name; an object of that type is none.
      const whole = dataOf([
        [name, 'Query'],
        ['one', inner],
        ['list', null],
      ]);
      return ['one', 'list', 't', 'T', '__typename'].includes(name) || isJson(text, whole);
    });
    expect(found).toBe('');
  },
  timeLimit(60_000),
);
