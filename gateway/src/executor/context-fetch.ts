import type { FetchNode, ResponsePath } from '@apollo/query-planner';
import { entitiesIn, note } from './answer.ts';
import { compileBody } from './body.ts';
import { contextGroups } from './context-arguments.ts';
import { merge } from './merge.ts';
import { isObject, pathOf, placesAt, type Data, type Place } from './place.ts';
import { neededNow, representationOf } from './representation.ts';
import { applyRewrites } from './rewrites.ts';
import type { Run, Step } from './run.ts';
import type { Planned } from './steps.ts';
import { subgraphError, toClientPath } from './subgraph-error.ts';

type Member = { place: Place; representation: Data };

/**
 * Fetches fields of entities with arguments from the objects around them (`@fromContext`). An operation has one value per
 * variable: entities whose context differs are fetched apart.
 */
export function contextFetch(
  { supergraphSchema: schema, responseNames }: Planned,
  node: FetchNode,
  path: ResponsePath,
): Step {
  const { serviceName, operationKind, inputRewrites, outputRewrites, contextRewrites } = node;
  const bodyOf = compileBody(node);

  const membersIn = (run: Run): Member[] => {
    const places = placesAt({ value: run.data }, path);
    if (places.length === 0) return [];
    const requires = neededNow(run.defaultedVariables, node.requires ?? []);
    return places.flatMap((place) => {
      const representation = representationOf(schema, place.value, requires);
      if (!representation) return [];
      applyRewrites(schema, inputRewrites, representation);
      return [{ place, representation }];
    });
  };

  const fetch = async (run: Run, variables: Data, members: Member[]): Promise<void> => {
    try {
      const all = { ...variables, representations: members.map(({ representation }) => representation) };
      const request = {
        subgraph: serviceName,
        kind: operationKind,
        body: bodyOf(run, JSON.stringify(all).slice(1, -1)),
      };
      const response = await run.fetchSubgraph(request);
      const { entities, errors, fault } = entitiesIn(serviceName, response, members.length);
      for (const error of errors)
        run.errors.push(
          subgraphError(serviceName, error, (at) => {
            const member = typeof at?.[1] === 'number' ? members[at[1]] : undefined;
            return toClientPath(node, responseNames, at && member && [...pathOf(member.place), ...at.slice(2)]);
          }),
        );
      if (fault) note(run, fault);
      entities.forEach((entity, i) => {
        const place = members[i]?.place;
        if (!place || !isObject(entity)) return;
        if (!entity['__typename']) entity['__typename'] = place.value['__typename'];
        applyRewrites(schema, outputRewrites, entity);
        merge(place.value, entity);
      });
    } catch (error) {
      note(run, error);
    }
  };

  return (run) => {
    try {
      const groups = contextGroups(schema, contextRewrites, membersIn(run));
      if (groups.length === 0) return undefined;
      return Promise.all(groups.map(({ variables, members }) => fetch(run, variables, members))).then(() => undefined);
    } catch (error) {
      note(run, error);
      return undefined;
    }
  };
}
