import { HeaderMap, type ApolloServer } from '@apollo/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '../context.ts';
import type { OperationContext, OperationRequest } from '../operations/server.ts';

/** Answers a plain HTTP request (GraphQL over HTTP) by what was admitted of it: one operation, or those of a batch. */
export async function servePlain(
  operations: ApolloServer<OperationContext>,
  request: FastifyRequest,
  reply: FastifyReply,
  admitted: OperationRequest[],
  caller: Caller,
): Promise<FastifyReply> {
  const given = admitted.map(withoutUndefined);
  const { status, headers, body } = await operations.executeHTTPGraphQLRequest({
    httpGraphQLRequest: {
      method: request.method,
      headers: headersOf(request),
      search: request.method === 'GET' ? `?${searchOf(given[0] ?? {})}` : '',
      body: Array.isArray(request.body) ? given : given[0],
    },
    context: async () => ({ caller, left: {} }),
  });
  if (body.kind !== 'complete') throw new Error('the pipeline made an incremental result, which it was not asked for');
  return reply
    .code(status ?? 200)
    .headers(Object.fromEntries(headers))
    .send(body.string);
}

/** Apollo Server takes a key that is there for one that was given. */
function withoutUndefined(request: OperationRequest): Record<string, unknown> {
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined));
}

function searchOf(request: Record<string, unknown>): URLSearchParams {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(request))
    search.set(key, typeof value === 'string' ? value : JSON.stringify(value));
  return search;
}

function headersOf({ headers }: FastifyRequest): HeaderMap {
  const map = new HeaderMap();
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) map.set(name, String(value));
  return map;
}
