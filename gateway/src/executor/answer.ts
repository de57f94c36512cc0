import { GraphQLError } from 'graphql';
import { getOwn, isObject, type Data } from './place.ts';
import type { Run, SubgraphResponse } from './run.ts';

/** What a subgraph answered, looked at: `fault` says why there are no data where there should be. */
export type Answer = { data: Data | undefined; errors: readonly unknown[]; fault?: GraphQLError };

/** Looks at a response, which may be anything. */
export function answerIn(service: string, { data, errors }: SubgraphResponse): Answer {
  if (errors !== undefined && errors !== null && !Array.isArray(errors))
    return { data: undefined, errors: [], fault: malformed(service, '"errors" is not a list') };
  const told = errors ?? [];
  if (data === null || data === undefined) return { data: undefined, errors: told };
  if (!isObject(data)) return { data: undefined, errors: told, fault: malformed(service, '"data" is not an object') };
  return { data, errors: told };
}

/** The entities in an answer: none, or as many as were asked for, which are `count`. */
export type Entities = {
  count: number;
  entities: readonly unknown[];
  errors: readonly unknown[];
  fault?: GraphQLError;
};

export function entitiesIn(service: string, response: SubgraphResponse, count: number): Entities {
  const { data, ...answer } = answerIn(service, response);
  if (!data) return { ...answer, count, entities: [] };
  const entities = getOwn(data, '_entities');
  if (Array.isArray(entities) && entities.length === count) return { ...answer, count, entities };
  return { ...answer, count, entities: [], fault: malformed(service, `"_entities" is not a list of those asked for`) };
}

/** Notes what failed. */
export function note({ errors }: Pick<Run, 'errors'>, error: unknown): void {
  errors.push(
    error instanceof GraphQLError ? error : new GraphQLError(String(error), { originalError: error as Error }),
  );
}

function malformed(service: string, detail: string): GraphQLError {
  return new GraphQLError(`the subgraph ${service} answered with a malformed response: ${detail}`, {
    extensions: { code: 'SUBGRAPH_UNAVAILABLE', service },
  });
}
