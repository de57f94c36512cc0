import { HeaderMap } from '@apollo/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Caller } from '../context.ts';
import type { OperationRequest } from '../operations/server.ts';
import type { Pipeline } from './pipeline.ts';

/** How many different Accept headers are kept in mind, and how long ones. */
const MAX_ACCEPTS = 100;
const MAX_ACCEPT_LENGTH = 500;

/** Answers a plain HTTP request (GraphQL over HTTP) by what was admitted of it: one operation, or those of a batch. */
export type ServePlain = (
  request: FastifyRequest,
  reply: FastifyReply,
  admitted: OperationRequest[],
  caller: Caller,
) => Promise<FastifyReply>;

/** Apollo Server answers, and once it has said which content type an Accept header comes to, the shortcut where it can. */
export function createPlainResponses({ operations, shortcut }: Pick<Pipeline, 'operations' | 'shortcut'>): ServePlain {
  const contentTypes = new LRUCache<string, string>({ max: MAX_ACCEPTS });

  const serve: ServePlain = async (request, reply, admitted, caller) => {
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
    if (body.kind !== 'complete')
      throw new Error('the pipeline made an incremental result, which it was not asked for');
    const type = headers.get('content-type');
    const { accept = '' } = request.headers;
    if ((status ?? 200) === 200 && type !== undefined && accept.length <= MAX_ACCEPT_LENGTH)
      contentTypes.set(accept, type);
    return reply
      .code(status ?? 200)
      .headers(Object.fromEntries(headers))
      .send(body.string);
  };

  return async (request, reply, admitted, caller) => {
    const [only] = admitted;
    const type = contentTypes.get(request.headers.accept ?? '');
    if (type === undefined || !only || request.method !== 'POST' || Array.isArray(request.body))
      return serve(request, reply, admitted, caller);
    const answered = await shortcut(only, caller);
    if (!answered) return serve(request, reply, admitted, caller);
    return reply.code(answered.status).header('content-type', type).send(answered.text);
  };
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
