import type { FetchNode } from '@apollo/query-planner';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { isObject } from './place.ts';
import { rewrittenName } from './rewrites.ts';

/** A response path. */
export type Path = readonly (string | number)[];

/**
 * A subgraph's error as the client gets it: where it is in the whole response, whose it is, and never its stack, nor what
 * would change the status or the headers of the gateway's own response (`http`).
 */
export function subgraphError(
  service: string,
  error: unknown,
  pathInResponse: (path: Path | undefined) => Path | undefined,
): GraphQLError {
  const { message, extensions: given } = (isObject(error) ? error : {}) as Partial<GraphQLFormattedError>;
  const { stacktrace: _stacktrace, exception: _exception, http: _http, ...extensions } = isObject(given) ? given : {};
  return new GraphQLError(message ? String(message) : `the subgraph ${service} reported an error`, {
    path: pathInResponse(pathOfError(error)),
    extensions: { ...extensions, code: extensions['code'] ?? 'DOWNSTREAM_SERVICE_ERROR', service },
  });
}

/** Where an error is in a subgraph's own response, if it says so. */
export function pathOfError(error: unknown): Path | undefined {
  const path = isObject(error) ? error['path'] : undefined;
  return Array.isArray(path) && path.every((step) => typeof step === 'string' || typeof step === 'number')
    ? path
    : undefined;
}

/** The plan has fields under names of its own; the client's path has the names that the client knows. */
export function toClientPath(
  { outputRewrites }: Pick<FetchNode, 'outputRewrites'>,
  responseNames: ReadonlyMap<string, string>,
  path: Path | undefined,
): Path | undefined {
  return path?.map((step) => {
    if (typeof step === 'number') return step;
    const name = rewrittenName(outputRewrites, step);
    return responseNames.get(name) ?? name;
  });
}
