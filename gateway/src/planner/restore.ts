import type { FetchNode, PlanNode, QueryPlanSelectionNode, SubscriptionNode } from '@apollo/query-planner';
import { Kind, parse, print, stripIgnoredCharacters, visit } from 'graphql';
import { mapFetches } from './plan-nodes.ts';
import { splitFetch } from './split.ts';
import type { Required } from './stand-ins.ts';

/**
 * Turns a plan over a supergraph with stand-ins into one over the subgraphs: stand-ins become aliases of the fields that
 * they stand for, with the arguments. What a fetch requires is found under the `alias` of its selections and sent under
 * their `name`; a fetch whose fields require different values of one field is split.
 */
export function restoreFields(required: Required, node: PlanNode | SubscriptionNode): PlanNode | SubscriptionNode {
  return mapFetches(node, (fetch) => splitFetch(required, fetch).map((part) => withFields(required, part)));
}

function withFields(required: Required, node: FetchNode): FetchNode {
  const document = parse(node.operation, { noLocation: true });
  const restored = visit(document, {
    Field: ({ name, alias, arguments: given, ...field }) => {
      const standIn = required.standIns.get(name.value);
      if (!standIn) return undefined;
      return {
        ...field,
        alias: alias ?? name,
        name: { kind: Kind.NAME, value: standIn.field },
        arguments: [...(given ?? []), ...standIn.arguments],
      };
    },
  });
  return {
    ...node,
    operation: restored === document ? node.operation : stripIgnoredCharacters(print(restored)),
    requires: node.requires && restoreRequires(required, node.requires),
  };
}

function restoreRequires(required: Required, selections: QueryPlanSelectionNode[]): QueryPlanSelectionNode[] {
  return selections.map((selection): QueryPlanSelectionNode => {
    const inner = selection.selections && restoreRequires(required, selection.selections);
    if (selection.kind === 'InlineFragment') return { ...selection, selections: inner ?? [] };
    const standIn = required.standIns.get(selection.name);
    const names = standIn ? { name: standIn.field, alias: selection.name } : { name: selection.name };
    return { ...selection, ...names, selections: inner };
  });
}
