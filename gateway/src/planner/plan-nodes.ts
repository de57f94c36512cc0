import type { FetchNode, PlanNode, SubscriptionNode } from '@apollo/query-planner';

type Node = PlanNode | SubscriptionNode;

/** A plan with other fetches: of a subscription's, the primary fetch stays one. */
export function mapFetches(node: Node, change: (fetch: FetchNode) => FetchNode[]): Node {
  if (node.kind !== 'Subscription') return map(node, change);
  const [primary] = change(node.primary);
  return { ...node, primary: primary ?? node.primary, rest: node.rest && map(node.rest, change) };
}

function map(node: PlanNode, change: (fetch: FetchNode) => FetchNode[]): PlanNode {
  switch (node.kind) {
    case 'Sequence':
    case 'Parallel':
      return { ...node, nodes: node.nodes.map((child) => map(child, change)) };
    case 'Flatten':
      return { ...node, node: map(node.node, change) };
    case 'Condition':
      return {
        ...node,
        ifClause: node.ifClause && map(node.ifClause, change),
        elseClause: node.elseClause && map(node.elseClause, change),
      };
    case 'Fetch': {
      const fetches = change(node);
      const [only] = fetches;
      return fetches.length === 1 && only ? only : { kind: 'Parallel', nodes: fetches };
    }
    case 'Defer':
      throw new Error('the planner made a plan with @defer, which it was not asked for');
  }
}
