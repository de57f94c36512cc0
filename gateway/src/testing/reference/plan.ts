import type { ConditionNode, PlanNode } from '@apollo/query-planner';
import { executeFetch } from './fetch.ts';
import { placesAt, type Place } from '../../executor/place.ts';
import type { Run } from './run.ts';

/** Executes a node of a query plan: every fetch merges its answer into the places that it was made for. */
export async function executeNode(run: Run, node: PlanNode, places: Place[]): Promise<void> {
  if (places.length === 0) return;
  switch (node.kind) {
    case 'Sequence':
      for (const child of node.nodes) await executeNode(run, child, places);
      return;
    case 'Parallel':
      await Promise.all(node.nodes.map((child) => executeNode(run, child, places)));
      return;
    case 'Flatten':
      return executeNode(
        run,
        node.node,
        places.flatMap((place) => placesAt(place, node.path)),
      );
    case 'Fetch':
      return executeFetch(run, node, places);
    case 'Condition': {
      const branch = holds(run, node) ? node.ifClause : node.elseClause;
      return branch && executeNode(run, branch, places);
    }
    case 'Defer':
      throw new Error('the planner made a plan with @defer, which it was not asked for');
  }
}

function holds(run: Run, node: ConditionNode): boolean {
  return run.defaultedVariables[node.condition] === true;
}
