import type { QueryPlanFieldNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import { isObjectType, type GraphQLSchema } from 'graphql';
import { createCode, literal, property, type Code, type Name, type Tally } from './code.ts';
import { jsonText } from './json-text.ts';
import type { Data } from './place.ts';
import { representationOf } from './representation.ts';
import { isOfType } from './rewrites.ts';

/** The JSON text of what a fetch needs to know of an entity; undefined where the data at hand do not have it all. */
export type RepresentationText = (entity: Data) => string | undefined;

/**
 * Makes the function that writes representations as `representationOf` makes them: for each type of entity by generated
 * code where one selection of plain fields is all that applies, as it mostly is.
 */
export function compileRepresentation(
  schema: GraphQLSchema,
  requires: QueryPlanSelectionNode[],
  tally?: Tally,
): RepresentationText {
  const general: RepresentationText = (entity) => {
    const representation = representationOf(schema, entity, requires);
    return representation && JSON.stringify(representation);
  };
  const byType = new Map<string, RepresentationText>();
  return (entity) => {
    const name = entity['__typename'];
    if (typeof name !== 'string') return general(entity);
    let text = byType.get(name);
    if (!text) {
      if (!isObjectType(schema.getType(name))) return general(entity);
      byType.set(name, (text = generated(fieldsFor(schema, requires, name), name, tally) ?? general));
    }
    return text(entity);
  };
}

/** The fields that apply to a type, where they are of one selection. */
function fieldsFor(schema: GraphQLSchema, requires: QueryPlanSelectionNode[], name: string) {
  const applying = requires.filter(
    (selection) =>
      selection.kind === 'Field' ||
      (selection.typeCondition && isOfType(schema, { __typename: name }, selection.typeCondition, false)),
  );
  const [first] = applying;
  const selections = applying.length === 1 && first?.kind === 'InlineFragment' ? first.selections : applying;
  return selections.every(isPlain) ? selections : undefined;
}

function isPlain(selection: QueryPlanSelectionNode): selection is QueryPlanFieldNode {
  return selection.kind === 'Field' && (selection.selections ?? []).every(isPlain);
}

function generated(
  fields: QueryPlanFieldNode[] | undefined,
  typeName: string,
  tally: Tally | undefined,
): RepresentationText | undefined {
  if (!fields || !haveOwnNames(fields)) return undefined;
  // Without the name of its type it is none.
  if (!fields.some(({ name, alias }) => name === '__typename' && (alias ?? name) === name)) return undefined;
  const code = createCode(tally);
  return code.build(defineObject(code, fields, 'undefined', typeName));
}

/** What is required with arguments is found under an alias, and sent under its name: two of one name would meet. */
function haveOwnNames(fields: QueryPlanFieldNode[]): boolean {
  return new Set(fields.map(({ name }) => name)).size === fields.length;
}

/** Defines a function from an object to its text; where a field is missing it is `otherwise`. */
function defineObject(code: Code, fields: QueryPlanFieldNode[], otherwise: string, typeName?: string): Name {
  const statements: string[] = [];
  const pieces = fields.map(({ name, alias, selections }, i) => {
    const start = `${i === 0 ? '{' : ','}${literal(name)}:`;
    if (typeName !== undefined && name === '__typename') return literal(start + literal(typeName));
    statements.push(
      `const v${i} = ${property(code, 'o', alias ?? name)}; if (v${i} === undefined) return ${otherwise};`,
    );
    const write = selections ? defineNested(code, selections as QueryPlanFieldNode[]) : code.constant(jsonText);
    return `${literal(start)} + ${write}(v${i})`;
  });
  return code.define('o', `${statements.join('\n')} return ${[...pieces, literal('}')].join(' + ')};`);
}

function defineNested(code: Code, fields: QueryPlanFieldNode[]): Name {
  const object = defineObject(code, fields, literal('null'));
  const write = `function write(v) {
    if (Array.isArray(v)) return '[' + v.map(write).join(',') + ']';
    return typeof v === 'object' && v !== null ? ${object}(v) : 'null';
  }`;
  return code.define('v', `${write} return write(v);`);
}
