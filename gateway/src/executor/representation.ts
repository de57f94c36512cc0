import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import type { DirectiveNode, GraphQLSchema } from 'graphql';
import { isSkipped } from './collect.ts';
import { merge } from './merge.ts';
import { getOwn, isObject, setOwn, type Data } from './place.ts';
import { isOfType } from './rewrites.ts';

/** A selection of what a fetch requires, with the conditions of the fields that it is required for; without: always. */
export type ConditionalSelection = QueryPlanSelectionNode & { neededFor?: readonly (readonly DirectiveNode[])[] };

/** What a fetch requires for the fields that are not skipped. */
export function neededNow(variables: Data, requires: ConditionalSelection[]): QueryPlanSelectionNode[] {
  return requires.flatMap((selection) => {
    if (selection.neededFor?.every((directives) => isSkipped({ variables }, { directives }))) return [];
    if (!selection.selections) return [selection];
    const selections = neededNow(variables, selection.selections);
    return selections.length === 0 ? [] : [{ ...selection, selections }];
  });
}

/** What a fetch needs to know of an entity; undefined where the data at hand does not have it all. */
export function representationOf(
  schema: GraphQLSchema,
  entity: Data,
  requires: QueryPlanSelectionNode[],
): Data | undefined {
  const representation = select(schema, entity, requires);
  return isObject(representation) && representation['__typename'] ? representation : undefined;
}

/** A selection's values; null where a field that it names is missing, as in stock Apollo Gateway. */
function select(schema: GraphQLSchema, source: unknown, selections: QueryPlanSelectionNode[]): unknown {
  if (Array.isArray(source)) return source.map((element) => select(schema, element, selections));
  if (!isObject(source)) return null;
  const result: Data = {};
  for (const selection of selections) {
    if (selection.kind === 'InlineFragment') {
      if (!selection.typeCondition || !isOfType(schema, source, selection.typeCondition, false)) continue;
      const selected = select(schema, source, selection.selections);
      if (isObject(selected)) merge(result, selected);
      continue;
    }
    // What is required with arguments is found under an alias: no other value of the field can stand in its place.
    const value = getOwn(source, selection.alias ?? selection.name);
    if (value === undefined) return null;
    setOwn(result, selection.name, selection.selections ? select(schema, value, selection.selections) : value);
  }
  return result;
}
