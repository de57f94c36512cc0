import type { SubscribePayload } from 'graphql-ws';
import type { OperationRequest } from '../operations/server.ts';

/** Payload of connection_init or ping. */
export type Params = Record<string, unknown> | undefined;

/** A token in a payload: `authorization` as in the header, or a bare `token`. */
export function authorizationIn(params: Params): string | undefined {
  const { authorization, Authorization = authorization, token } = params ?? {};
  if (typeof Authorization === 'string') return Authorization;
  return typeof token === 'string' ? `Bearer ${token}` : undefined;
}

/** The protocol wants a query; one that is known by its hash has an empty one. */
export function requestIn({
  query,
  operationName,
  variables,
  extensions,
  ...more
}: SubscribePayload): OperationRequest {
  const { documentId } = more as { documentId?: unknown };
  return {
    query: query === '' ? undefined : query,
    ...(typeof documentId === 'string' && { documentId }),
    operationName: operationName ?? undefined,
    variables: variables ?? undefined,
    extensions: extensions ?? undefined,
  };
}

/** Headers come once a connection; each operation has a trace of its own. */
export function traceparentIn({ extensions }: SubscribePayload): string | undefined {
  const traceparent = extensions?.['traceparent'];
  return typeof traceparent === 'string' ? traceparent : undefined;
}
