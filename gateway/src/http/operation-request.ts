import type { FastifyRequest } from 'fastify';
import { getOperationAST, parse, type ParseOptions } from 'graphql';
import { z } from 'zod';
import type { OperationRequest } from '../operations/server.ts';

const object = z.record(z.string(), z.unknown());
const params = z.object({
  query: z.string().optional(),
  operationName: z
    .string()
    .nullish()
    .transform((name) => name ?? undefined),
  variables: object.nullish().transform((variables) => variables ?? undefined),
  extensions: object.nullish().transform((extensions) => extensions ?? undefined),
});

/**
 * The GraphQL request in a body or, with GET, in the query string (GraphQL over HTTP, 5); undefined where it is none. A
 * `Last-Event-ID`, as browsers send it when a stream broke off, stands for `extensions.cursor` where that is not given.
 */
export function readOperation(request: FastifyRequest): OperationRequest | undefined {
  const operation = request.method === 'GET' ? readQueryString(request) : params.safeParse(request.body).data;
  const { 'last-event-id': cursor } = request.headers;
  return operation && cursor ? { ...operation, extensions: { cursor, ...operation.extensions } } : operation;
}

function readQueryString(request: FastifyRequest): OperationRequest | undefined {
  const query = { ...(request.query as Record<string, unknown>) };
  try {
    for (const key of ['variables', 'extensions'])
      if (typeof query[key] === 'string') query[key] = JSON.parse(query[key]);
  } catch {
    return undefined; // no JSON: the caller answers 400
  }
  return params.safeParse(query).data;
}

/** Whether a request asks for a subscription; what does not parse is reported where everything is parsed. */
export function isSubscription(request: FastifyRequest, parseOptions: ParseOptions): boolean {
  const { query, operationName } = readOperation(request) ?? {};
  if (query === undefined) return false;
  try {
    return getOperationAST(parse(query, parseOptions), operationName)?.operation === 'subscription';
  } catch {
    return false;
  }
}
