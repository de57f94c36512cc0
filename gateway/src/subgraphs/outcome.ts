import { GraphQLError } from 'graphql';
import { isObject } from '../executor/place.ts';
import type { SubgraphResponse } from '../executor/run.ts';

/** No GraphQL response came from a subgraph. The client learns which one; why is for the log (`cause`). */
export function unavailable(service: string, why: string, cause?: unknown): GraphQLError {
  return new GraphQLError(`the subgraph ${service} is unavailable: ${why}`, {
    originalError: cause instanceof Error ? cause : undefined,
    extensions: { code: 'SUBGRAPH_UNAVAILABLE', service },
  });
}

/**
 * The GraphQL response in a subgraph's HTTP response, whatever its status (GraphQL over HTTP, 6.4).
 * @throws GraphQLError FORBIDDEN on a 403 without one (the sidecars' access control), else SUBGRAPH_UNAVAILABLE
 */
export function answerOf(service: string, status: number, body: string): SubgraphResponse {
  const answer = parse(body);
  if (isObject(answer) && ('data' in answer || Array.isArray(answer['errors']))) return answer as SubgraphResponse;
  if (status === 403) {
    throw new GraphQLError(`the gateway is not allowed to call the subgraph ${service}`, {
      extensions: { code: 'FORBIDDEN', service },
    });
  }
  throw unavailable(service, `it answered with status ${status} and no GraphQL response`);
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined; // no JSON, no GraphQL response: the caller says so
  }
}
