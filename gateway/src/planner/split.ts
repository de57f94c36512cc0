import type { FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import {
  Kind,
  parse,
  print,
  stripIgnoredCharacters,
  visit,
  type DocumentNode,
  type FieldNode,
  type InlineFragmentNode,
} from 'graphql';
import { fragmentsOf } from '../executor/collect.ts';
import { coordinateIn, type Required, type Requirements } from './stand-ins.ts';

/**
 * Splits a fetch of entities whose fields require different values of one and the same field: a representation has room
 * for one. Each part fetches fields that agree, and requires only what these need.
 */
export function splitFetch(required: Required, node: FetchNode): FetchNode[] {
  if (!node.requires) return [node];
  const document = withoutFragments(parse(node.operation, { noLocation: true }));
  const parts: { requirements: Requirements; fields: Set<FieldNode> }[] = [];
  for (const { field, type } of entityFields(document)) {
    const coordinate = coordinateIn(
      node.serviceName,
      type,
      required.standIns.get(field.name.value)?.field ?? field.name.value,
    );
    const requirements: Requirements = required.requirements.get(coordinate) ?? new Map();
    let part = parts.find((candidate) => agree(candidate.requirements, requirements));
    if (!part) parts.push((part = { requirements: new Map(), fields: new Set() }));
    for (const [path, standIns] of requirements) part.requirements.set(path, standIns);
    part.fields.add(field);
  }
  if (parts.length < 2) return [node];
  return parts.map(({ requirements, fields }) => {
    const needed = (path: string, standIn: string): boolean => !!requirements.get(path)?.has(standIn);
    return {
      ...node,
      ...operationOf(document, fields),
      requires: prune(required, node.requires ?? [], [], needed),
    };
  });
}

/** Whether one representation can satisfy both. */
function agree(one: Requirements, other: Requirements): boolean {
  return [...other].every(([path, standIns]) => {
    const present = one.get(path);
    return !present || (present.size === standIns.size && [...standIns].every((standIn) => present.has(standIn)));
  });
}

function withoutFragments(document: DocumentNode): DocumentNode {
  const fragments = fragmentsOf(document);
  if (fragments.size === 0) return document;
  return visit(document, {
    FragmentDefinition: () => null,
    FragmentSpread: ({ name, directives }) => {
      const fragment = fragments.get(name.value);
      return fragment && { ...fragment, kind: Kind.INLINE_FRAGMENT, directives };
    },
  });
}

/** The fields that are fetched of the entities themselves, each with the type that it is selected on. */
function entityFields(document: DocumentNode): { field: FieldNode; type: string }[] {
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  const entities = operation?.selectionSet.selections[0];
  return entities?.kind === Kind.FIELD ? fieldsIn(entities, '_Entity') : [];
}

function fieldsIn(
  { selectionSet }: FieldNode | InlineFragmentNode,
  type: string,
): { field: FieldNode; type: string }[] {
  return (selectionSet?.selections ?? []).flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [{ field: selection, type }];
    return selection.kind === Kind.INLINE_FRAGMENT
      ? fieldsIn(selection, selection.typeCondition?.name.value ?? type)
      : [];
  });
}

/** The operation with some of the entities' fields, and with the variables that these use. */
function operationOf(document: DocumentNode, fields: Set<FieldNode>): Pick<FetchNode, 'operation' | 'variableUsages'> {
  const dropped = new Set(entityFields(document).flatMap(({ field }) => (fields.has(field) ? [] : [field])));
  const fewer = visit(document, {
    Field: (field) => (dropped.has(field) ? null : undefined),
    InlineFragment: { leave: ({ selectionSet }) => (selectionSet.selections.length === 0 ? null : undefined) },
  });
  const used = new Set<string>();
  visit(fewer, { VariableDefinition: () => false, Variable: ({ name }) => void used.add(name.value) });
  const operation = visit(fewer, {
    VariableDefinition: ({ variable }) => (used.has(variable.name.value) ? undefined : null),
  });
  used.delete('representations');
  return { operation: stripIgnoredCharacters(print(operation)), variableUsages: [...used] };
}

/** What is required, without the stand-ins that are not needed. */
function prune(
  required: Required,
  selections: QueryPlanSelectionNode[],
  above: readonly string[],
  needed: (path: string, standIn: string) => boolean,
): QueryPlanSelectionNode[] {
  return selections.flatMap((selection): QueryPlanSelectionNode[] => {
    if (selection.kind === 'InlineFragment')
      return [{ ...selection, selections: prune(required, selection.selections, above, needed) }];
    const standIn = required.standIns.get(selection.name);
    const path = [...above, standIn?.field ?? selection.name];
    if (standIn && !needed(path.join('.'), selection.name)) return [];
    if (!selection.selections) return [selection];
    const inner = prune(required, selection.selections, path, needed);
    return inner.length === 0 ? [] : [{ ...selection, selections: inner }];
  });
}
