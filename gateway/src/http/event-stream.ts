import type { FastifyReply, FastifyRequest } from 'fastify';
import { getOperationAST, parse, type FormattedExecutionResult, type ParseOptions } from 'graphql';
import { z } from 'zod';
import type { OperationRequest, Outcome } from '../operations/server.ts';

const PING_INTERVAL_MS = 10_000;

/**
 * Whether a client wants its results as server-sent events. One that takes JSON as well (urql lists both for every
 * operation) gets a stream for what needs one, a subscription.
 */
export function wantsEventStream(request: FastifyRequest, parseOptions: ParseOptions): boolean {
  const types = (request.headers.accept ?? '').split(',').map((type) => type.trim().split(';')[0] ?? '');
  if (!types.includes('text/event-stream')) return false;
  return (
    !types.some((type) => /^application\/(?:graphql-response\+)?json$/.test(type)) ||
    isSubscription(request, parseOptions)
  );
}

function isSubscription(request: FastifyRequest, parseOptions: ParseOptions): boolean {
  const { query, operationName } = readOperation(request) ?? {};
  if (query === undefined) return false;
  try {
    return getOperationAST(parse(query, parseOptions), operationName)?.operation === 'subscription';
  } catch {
    return false; // what does not parse is reported where everything is parsed
  }
}

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

/** The GraphQL request in a body or, with GET, in the query string (GraphQL over HTTP, 5); undefined where it is none. */
export function readOperation(request: FastifyRequest): OperationRequest | undefined {
  if (request.method !== 'GET') return params.safeParse(request.body).data;
  const query = { ...(request.query as Record<string, unknown>) };
  try {
    for (const key of ['variables', 'extensions'])
      if (typeof query[key] === 'string') query[key] = JSON.parse(query[key]);
  } catch {
    return undefined; // no JSON: the caller answers 400
  }
  return params.safeParse(query).data;
}

/**
 * Answers with server-sent events (GraphQL over SSE, distinct connections mode): `next` for each result, then
 * `complete`. The next result is taken when the client has taken the one before: what it does not take waits in the
 * subscription's bounded queue. Resolves when the stream is over.
 */
export async function serveEventStream(reply: FastifyReply, outcome: Outcome, signal: AbortSignal): Promise<void> {
  const headers = Object.entries(reply.getHeaders()).filter((entry) => entry[1] !== undefined);
  reply.hijack();
  reply.raw.writeHead(200, {
    ...(Object.fromEntries(headers) as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
  });
  // A comment line: proxies and browsers pass headers on with the first byte only, and drop idle connections.
  reply.raw.write(':\n\n');
  const ping = setInterval(() => !reply.raw.writableNeedDrain && reply.raw.write(':\n\n'), PING_INTERVAL_MS);
  const next = (result: FormattedExecutionResult) =>
    write(reply, `event: next\ndata: ${JSON.stringify(result)}\n\n`, signal);
  try {
    if (outcome.kind === 'result') await next(outcome.result);
    else for await (const result of outcome.stream) await next(result);
    await write(reply, 'event: complete\ndata:\n\n', signal);
  } finally {
    clearInterval(ping);
    reply.raw.end();
  }
}

/** Resolves when the text has left, or the client has. */
function write(reply: FastifyReply, text: string, signal: AbortSignal): Promise<void> {
  if (signal.aborted || reply.raw.write(text)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      reply.raw.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    reply.raw.once('drain', done);
    signal.addEventListener('abort', done, { once: true });
  });
}
