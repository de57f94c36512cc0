import type { FetchNode, PlanNode, QueryPlanSelectionNode, SubscriptionNode } from '@apollo/query-planner';
import { Kind, parse, type DirectiveNode, type DocumentNode, type SelectionNode } from 'graphql';
import { fragmentsOf } from '../executor/collect.ts';
import type { ConditionalSelection } from '../executor/representation.ts';
import { directiveArgument, fieldedTypes, leavesOf, parseFieldSet, subgraphNames } from './field-sets.ts';
import { mapFetches } from './plan-nodes.ts';

type Node = PlanNode | SubscriptionNode;
type Conditions = readonly DirectiveNode[];

/**
 * Says in a plan for which fields a fetch requires something, where all of these may be skipped.
 *
 * Apollo's planner has what a field requires fetched under the field's own conditions, and then requires it of every
 * entity: for `badge level @include(if: $v)` it leaves out the badge too where the level is not wanted.
 */
export function createConditionalRequirements(document: DocumentNode): (node: Node) => Node {
  const { requirements, keys } = readRequirements(document);
  const change = (fetch: FetchNode): FetchNode => {
    const { requires, serviceName, operation } = fetch;
    if (!requires || !/@(?:skip|include)\b/.test(operation)) return fetch;
    /** The conditions of the fields that require something, by its path. */
    const conditions = new Map<string, Conditions[]>();
    for (const { field, directives } of entityFields(parse(operation, { noLocation: true })))
      for (const path of requirements.get(`${serviceName} ${field}`) ?? [])
        conditions.set(path, [...(conditions.get(path) ?? []), directives]);
    const mark = (selections: QueryPlanSelectionNode[], above: string): ConditionalSelection[] =>
      selections.map((selection) => {
        if (selection.kind === 'InlineFragment') return { ...selection, selections: mark(selection.selections, above) };
        const path = `${above}${selection.name}`;
        if (selection.selections) return { ...selection, selections: mark(selection.selections, `${path}.`) };
        const neededFor = keys.get(serviceName)?.has(path) ? undefined : conditions.get(path);
        return neededFor?.every(({ length }) => length > 0) ? { ...selection, neededFor } : selection;
      });
    return { ...fetch, requires: mark(requires, '') };
  };
  return (node) => mapFetches(node, (fetch) => [change(fetch)]);
}

/** By subgraph: what its fields require, whatever types they are of, and the fields of its keys. */
function readRequirements(document: DocumentNode) {
  const requirements = new Map<string, Set<string>>();
  const keys = new Map<string, Set<string>>();
  const subgraphs = subgraphNames(document);
  for (const { directives, fields } of fieldedTypes(document).values()) {
    for (const directive of directives ?? []) {
      const subgraph = subgraphs.get(directiveArgument(directive, 'graph') ?? '');
      if (subgraph !== undefined) add(keys, subgraph, directiveArgument(directive, 'key'));
    }
    for (const field of fields ?? [])
      for (const directive of field.directives ?? []) {
        const subgraph = subgraphs.get(directiveArgument(directive, 'graph') ?? '');
        add(requirements, `${subgraph} ${field.name.value}`, directiveArgument(directive, 'requires'));
      }
  }
  return { requirements, keys };
}

function add(to: Map<string, Set<string>>, name: string, fieldSet: string | undefined): void {
  if (fieldSet === undefined) return;
  const paths = to.get(name) ?? new Set();
  for (const path of leavesOf(parseFieldSet(fieldSet))) paths.add(path);
  to.set(name, paths);
}

/** The fields that a fetch asks of the entities themselves, with all conditions that they are under. */
function entityFields(document: DocumentNode): { field: string; directives: Conditions }[] {
  const fragments = fragmentsOf(document);
  const fieldsIn = (
    selections: readonly SelectionNode[],
    above: Conditions,
  ): { field: string; directives: Conditions }[] =>
    selections.flatMap((selection) => {
      const directives = [...above, ...(selection.directives ?? [])];
      if (selection.kind === Kind.FIELD) return [{ field: selection.name.value, directives }];
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? fragments.get(selection.name.value) : selection;
      return fieldsIn(fragment?.selectionSet.selections ?? [], directives);
    });
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  const [entities] = operation?.selectionSet.selections ?? [];
  return entities?.kind === Kind.FIELD ? fieldsIn(entities.selectionSet?.selections ?? [], []) : [];
}
