import type { FetchNode, PlanNode, QueryPlanSelectionNode, SubscriptionNode } from '@apollo/query-planner';
import { Kind, parse, print, stripIgnoredCharacters, visit } from 'graphql';
import { splitFetch } from './split.ts';
import type { Required } from './stand-ins.ts';

/**
 * Turns a plan over a supergraph with stand-ins into one over the subgraphs: stand-ins become aliases of the fields that
 * they stand for, with the arguments. What a fetch requires is found under the `alias` of its selections and sent under
 * their `name`; a fetch whose fields require different values of one field is split.
 */
export function restoreFields(required: Required, node: PlanNode | SubscriptionNode): PlanNode | SubscriptionNode {
  if (node.kind !== 'Subscription') return restore(required, node);
  return {
    ...node,
    primary: withFields(required, node.primary),
    rest: node.rest && restore(required, node.rest),
  };
}

function restore(required: Required, node: PlanNode): PlanNode {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return { ...node, nodes: node.nodes.map((child) => restore(required, child)) };
    case 'Flatten':
      return { ...node, node: restore(required, node.node) };
    case 'Condition':
      return {
        ...node,
        ifClause: node.ifClause && restore(required, node.ifClause),
        elseClause: node.elseClause && restore(required, node.elseClause),
      };
    case 'Fetch': {
      const fetches = splitFetch(required, node).map((fetch) => withFields(required, fetch));
      const [only] = fetches;
      return fetches.length === 1 && only ? only : { kind: 'Parallel', nodes: fetches };
    }
    case 'Defer':
      throw new Error('the planner made a plan with @defer, which it was not asked for');
  }
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
    return { kind: 'Field', ...names, selections: inner };
  });
}
