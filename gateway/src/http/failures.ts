import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectionError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { GraphQLError } from 'graphql';
import type { Logger } from '@todo/service/logger';
import { codeOf, headersOf, statusOf } from '../refusal.ts';

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
      onFailure(request, codeOf(error), status);
      void reply.headers(headersOf(error));
      if (status === 401) void reply.header('www-authenticate', 'Bearer');
      if (error.originalError) logger.error({ err: error.originalError }, error.message);
      const { retryAfter } = error.extensions;
      return reply.code(status).send(body(error.message, codeOf(error), { retryAfter }));
    }
    const status = error.statusCode ?? 500;
    onFailure(request, status < 500 ? 'BAD_REQUEST' : 'INTERNAL_SERVER_ERROR', status);
    if (status < 500) return reply.code(status).send(body(error.message, 'BAD_REQUEST'));
    const traceId = request.arrival?.traceId;
    logger.error({ err: error, traceId }, 'unexpected error');
    return reply.code(status).send(body('Internal server error', 'INTERNAL_SERVER_ERROR', { traceId }));
  });
}

/** The same, for requests that no route could be looked up for. */
export function answerUnroutable(error: Error, _request: FastifyRequest, reply: FastifyReply): void {
  void reply.code(400).send(body(error.message, 'BAD_REQUEST'));
}

/** What Node's parser gives up on, by the code of its error. */
const PARSER_FAILURES: Record<string, [status: number, message: string]> = {
  HPE_HEADER_OVERFLOW: [431, 'the headers are larger than 16 KiB'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'the request did not come to its end in time'],
};

/** The same, for what is no HTTP request, or took too long to become one. */
export function answerMalformed(error: ConnectionError, socket: Socket): void {
  // After a reset there is nobody to tell.
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] = PARSER_FAILURES[error.code] ?? [400, 'this is no HTTP request'];
  refuseSocket(socket, status, message, 'BAD_REQUEST');
}

/** Answers on a socket that no HTTP server writes to, and ends it. */
export function refuseSocket(socket: Duplex, status: number, message: string, code: string): void {
  const text = JSON.stringify(body(message, code));
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-type: application/json\r\n`;
  // The client may never close its side.
  socket.once('finish', () => socket.destroy());
  socket.end(`${head}content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}

/** JSON leaves out what is undefined. */
function body(message: string, code: string, more: Record<string, unknown> = {}) {
  return { errors: [{ message, extensions: { code, ...more } }] };
}
