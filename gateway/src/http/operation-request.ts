import type { FastifyRequest } from 'fastify';
import { getOperationAST, parse, type GraphQLError, type ParseOptions } from 'graphql';
import { z } from 'zod';
import type { OperationRequest } from '../operations/server.ts';
import { refusal } from '../refusal.ts';

const object = z.record(z.string(), z.unknown());
const params = z.object({
  query: z.string().optional(),
  documentId: z.string().optional(),
  operationName: z
    .string()
    .nullish()
    .transform((name) => name ?? undefined),
  variables: object.nullish().transform((variables) => variables ?? undefined),
  extensions: object.nullish().transform((extensions) => extensions ?? undefined),
});

/**
 * The GraphQL requests of a body (an array is a batch) or, with GET, of the query string (GraphQL over HTTP, 5). A
 * `Last-Event-ID`, as browsers send it when a stream broke off, stands for `extensions.cursor` where that is not given, and
 * an `Idempotency-Key` for `extensions.idempotencyKey`, followed by its index in a batch.
 * Throws a GraphQLError: BAD_REQUEST (400), which says what is wrong.
 */
export function readOperations(request: FastifyRequest): OperationRequest[] {
  const { 'last-event-id': cursor, 'idempotency-key': key } = request.headers;
  if (Array.isArray(request.body))
    return request.body.map((value, i) =>
      withExtensions(check(value), key === undefined ? {} : { idempotencyKey: `${String(key)}.${i}` }),
    );
  const operation = check(request.method === 'GET' ? queryString(request) : request.body);
  return [withExtensions(operation, { ...(cursor && { cursor }), ...(key !== undefined && { idempotencyKey: key }) })];
}

function withExtensions(operation: OperationRequest, defaults: Record<string, unknown>): OperationRequest {
  return Object.keys(defaults).length === 0
    ? operation
    : { ...operation, extensions: { ...defaults, ...operation.extensions } };
}

function check(value: unknown): OperationRequest {
  const { data, error } = params.safeParse(value);
  if (!data) throw notGraphQL(error.issues.map(({ path, message }) => [...path, message].join(': ')).join('; '));
  return data;
}

function queryString(request: FastifyRequest): unknown {
  const query = { ...(request.query as Record<string, unknown>) };
  for (const key of ['variables', 'extensions'] as const) {
    try {
      if (typeof query[key] === 'string') query[key] = JSON.parse(query[key]);
    } catch {
      throw notGraphQL(`${key}: Invalid JSON`);
    }
  }
  return query;
}

function notGraphQL(reason: string): GraphQLError {
  return refusal('BAD_REQUEST', `the request is not a GraphQL request: ${reason}`);
}

/** Whether a request asks for a subscription; what does not parse is reported where everything is parsed. */
export function isSubscription({ query, operationName }: OperationRequest, parseOptions: ParseOptions): boolean {
  if (query === undefined) return false;
  try {
    return getOperationAST(parse(query, parseOptions), operationName)?.operation === 'subscription';
  } catch {
    return false;
  }
}
