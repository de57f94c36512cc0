import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import type { Logger } from '@todo/service/logger';

/**
 * Answers of the HTTP layer itself, in the form of a GraphQL response: clients parse one form only. `onFailure` is told of
 * each error, by its code and HTTP status.
 */
export function addFailures(
  app: FastifyInstance,
  logger: Logger,
  onFailure: (request: FastifyRequest, code: string, status: number) => void,
): void {
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send(body('there is nothing here: GraphQL is served at /graphql', 'NOT_FOUND')),
  );
  app.setErrorHandler((error: Error & { statusCode?: number }, request, reply) => {
    if (error instanceof GraphQLError) {
      const status = statusOf(error);
      onFailure(request, String(error.extensions['code']), status);
      for (const [name, value] of Object.entries(headersOf(error))) void reply.header(name, value);
      if (status === 401) void reply.header('www-authenticate', 'Bearer');
      if (error.originalError) logger.error({ err: error.originalError }, error.message);
      return reply
        .code(status)
        .send(body(error.message, String(error.extensions['code']), error.extensions['retryAfter']));
    }
    const status = error.statusCode ?? 500;
    onFailure(request, status < 500 ? 'BAD_REQUEST' : 'INTERNAL_SERVER_ERROR', status);
    if (status < 500) return reply.code(status).send(body(error.message, 'BAD_REQUEST'));
    logger.error({ err: error }, 'unexpected error');
    return reply.code(status).send(body('Internal server error', 'INTERNAL_SERVER_ERROR'));
  });
}

/** The same, for requests that no route could be looked up for. */
export function answerUnroutable(error: Error, _request: FastifyRequest, reply: FastifyReply): void {
  void reply.code(400).send(body(error.message, 'BAD_REQUEST'));
}

/** The HTTP status that an error asks for. */
export function statusOf(error: GraphQLError): number {
  const http = error.extensions['http'] as { status?: number } | undefined;
  return http?.status ?? 500;
}

function headersOf(error: GraphQLError): Record<string, string> {
  return (error.extensions['http'] as { headers?: Record<string, string> } | undefined)?.headers ?? {};
}

function body(message: string, code: string, retryAfter?: unknown) {
  return { errors: [{ message, extensions: { code, ...(retryAfter !== undefined && { retryAfter }) } }] };
}
