import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { isObject } from './place.ts';

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
  const { message, path, extensions: given } = (isObject(error) ? error : {}) as Partial<GraphQLFormattedError>;
  const { stacktrace: _stacktrace, exception: _exception, http: _http, ...extensions } = isObject(given) ? given : {};
  return new GraphQLError(message ? String(message) : `the subgraph ${service} reported an error`, {
    path: pathInResponse(isPath(path) ? path : undefined),
    extensions: { ...extensions, code: extensions['code'] ?? 'DOWNSTREAM_SERVICE_ERROR', service },
  });
}

function isPath(path: unknown): path is Path {
  return Array.isArray(path) && path.every((step) => typeof step === 'string' || typeof step === 'number');
}
