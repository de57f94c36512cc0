import type { FetchNode, PlanNode, ResponsePath } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { contextFetch } from './context-fetch.ts';
import { entityFetch } from './entity-fetch.ts';
import { rootFetch } from './root-fetch.ts';
import type { Step } from './run.ts';

/** What compiling a plan needs to know. */
export type Planned = {
  supergraphSchema: GraphQLSchema;
  responseNames: ReadonlyMap<string, string>;
  /** Fetches that ask the same of other places; a mutation's are each asked anew. */
  likeOf: (fetch: FetchNode) => string | undefined;
  /** Whether equal objects may become one: not where what is around an object counts. */
  mayShare: boolean;
};

/** Makes a plan's node executable, for the places of `path`. */
export function compileNode(planned: Planned, node: PlanNode, path: ResponsePath): Step {
  switch (node.kind) {
    case 'Sequence':
      return inSequence(node.nodes.map((child) => compileNode(planned, child, path)));
    case 'Parallel':
      return inParallel(node.nodes.map((child) => compileNode(planned, child, path)));
    case 'Flatten':
      return compileNode(planned, node.node, [...path, ...node.path]);
    case 'Fetch':
      if (!node.requires) return rootFetch(planned, node, path);
      return node.contextRewrites?.length ? contextFetch(planned, node, path) : entityFetch(planned, node, path);
    case 'Condition': {
      const [then, otherwise] = [node.ifClause, node.elseClause].map(
        (clause) => clause && compileNode(planned, clause, path),
      );
      return (run) => (run.defaultedVariables[node.condition] === true ? then : otherwise)?.(run);
    }
    case 'Defer':
      throw new Error('the planner made a plan with @defer, which it was not asked for');
  }
}

function inSequence(steps: Step[]): Step {
  const from = (run: Parameters<Step>[0], first: number): Promise<void> | undefined => {
    for (let i = first; i < steps.length; i++) {
      const done = steps[i]?.(run);
      if (done) return i + 1 < steps.length ? done.then(() => from(run, i + 1)) : done;
    }
    return undefined;
  };
  return (run) => from(run, 0);
}

function inParallel(steps: Step[]): Step {
  return (run) => {
    const waiting: Promise<void>[] = [];
    for (const step of steps) {
      const done = step(run);
      if (done) waiting.push(done);
    }
    if (waiting.length < 2) return waiting[0];
    return Promise.all(waiting).then(() => undefined);
  };
}
