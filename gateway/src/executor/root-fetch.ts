import type { FetchNode, ResponsePath } from '@apollo/query-planner';
import { answerIn, note } from './answer.ts';
import { compileBody } from './body.ts';
import { merge } from './merge.ts';
import { pathsTo } from './paths-to.ts';
import { applyRewrites } from './rewrites.ts';
import type { Data } from './place.ts';
import type { Step } from './run.ts';
import { copyOf } from './sharing.ts';
import type { Planned } from './steps.ts';
import { subgraphError, toClientPath } from './subgraph-error.ts';
import { compileObjectsAt } from './walk.ts';

/** Fetches fields of a root type, which mostly is the response itself. */
export function rootFetch({ supergraphSchema, responseNames }: Planned, node: FetchNode, path: ResponsePath): Step {
  const { serviceName, operationKind, outputRewrites } = node;
  const bodyOf = compileBody(node);
  const fetch = async (run: Parameters<Step>[0], targets: Data[]): Promise<void> => {
    try {
      const request = { subgraph: serviceName, kind: operationKind, body: bodyOf(run) };
      const { data, errors, fault } = answerIn(serviceName, await run.fetchSubgraph(request));
      const [first] = targets;
      if (!first) return;
      if (errors.length > 0) {
        const [base = []] = pathsTo(run, path, new Set([first])).get(first) ?? [];
        for (const error of errors)
          run.errors.push(
            subgraphError(serviceName, error, (at) => toClientPath(node, responseNames, at && [...base, ...at])),
          );
      }
      if (fault) note(run, fault);
      if (!data) return;
      applyRewrites(supergraphSchema, outputRewrites, data);
      const copies = targets.map((_target, i) => (i === 0 ? data : copyOf(data)));
      targets.forEach((target, i) => merge(target, copies[i] ?? data, run.sharing));
    } catch (error) {
      note(run, error);
    }
  };
  const targetsIn = compileObjectsAt(path);
  return (run) => {
    const targets = path.length === 0 ? [run.data] : targetsIn(run.data, run.sharing);
    return targets.length === 0 ? undefined : fetch(run, targets);
  };
}
