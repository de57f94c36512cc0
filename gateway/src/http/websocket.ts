import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ApolloServer } from '@apollo/server';
import type { Stop } from '@todo/service/shutdown';
import { GraphQLError, type ExecutionArgs, type ExecutionResult, type GraphQLSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Caller, GatewayContext } from '../context.ts';
import { runOperation, type OperationContext, type Outcome } from '../operations/server.ts';
import type { CallerOf } from './callers.ts';
import { statusOf } from './failures.ts';
import type { IsAllowedOrigin } from './origins.ts';

const PING_INTERVAL_MS = 10_000;
const CLOSE_GRACE_MS = 1000;
const FORBIDDEN = 4403;
const INTERNAL_ERROR = 4500;

/** What the gateway keeps of a connection. */
type Connection = { socket: WebSocket; request: IncomingMessage; caller?: Caller };

/**
 * Serves the graphql-transport-ws protocol on a server's upgrades of /graphql: all operation types. A connection whose
 * `connection_init` has no valid token where one is needed is closed with 4403. Stopping closes all with 1001, which
 * has clients connect again.
 */
export function serveWebSockets(
  { config, logger }: GatewayContext,
  server: Server,
  operations: ApolloServer<OperationContext>,
  callerOf: CallerOf,
  isAllowedOrigin: IsAllowedOrigin,
): Stop {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: config.MAX_BODY_BYTES });

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Node has taken its own listener away: a reset must not be an uncaught error.
    socket.on('error', () => socket.destroy());
    if (request.url?.split('?')[0] !== '/graphql') return refuse(socket, 404);
    if (!isAllowedOrigin(request)) return refuse(socket, 403);
    sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
  };

  const connect = async (connection: Connection, params: Record<string, unknown> | undefined): Promise<void> => {
    const { socket, request } = connection;
    const ending = new AbortController();
    socket.once('close', () => ending.abort());
    const transport = { name: 'ws' as const, readOnly: false };
    const authorization = authorizationIn(params);
    connection.caller = await callerOf(request, { signal: ending.signal, transport, authorization });
  };

  const { dispose } = useServer<Record<string, unknown>, Connection>(
    {
      // Otherwise the messages of unexpected errors would be close reasons.
      isProd: true,
      onConnect: async ({ extra, connectionParams }) => {
        try {
          await connect(extra, connectionParams);
          return true;
        } catch (error) {
          if (!(error instanceof GraphQLError)) logger.error({ err: error }, 'unexpected error');
          const refused = error instanceof GraphQLError && statusOf(error) === 401;
          const reason = refused ? error.message.split(':')[0] : 'access tokens cannot be verified at the moment';
          extra.socket.close(refused ? FORBIDDEN : INTERNAL_ERROR, reason);
          return false;
        }
      },
      onSubscribe: async ({ extra }, _id, payload) => {
        const { query, operationName, variables, extensions } = payload;
        const request = {
          query,
          operationName: operationName ?? undefined,
          variables: variables ?? undefined,
          extensions: extensions ?? undefined,
        };
        const outcome = await runOperation(operations, request, extra.caller as Caller).catch((error: unknown) => {
          // One operation must not end the connection's others.
          logger.error({ err: error }, 'unexpected error');
          return undefined;
        });
        if (!outcome) return [internalError()];
        if (outcome.kind === 'result' && (outcome.refused || !outcome.document))
          return (outcome.result.errors ?? []).map(({ message, ...rest }) => new GraphQLError(message, rest));
        // The pipeline has done everything already: what follows hands its outcome to the protocol.
        const document = outcome.document as ExecutionArgs['document'];
        return { schema: undefined as unknown as GraphQLSchema, document, operationName, contextValue: outcome };
      },
      execute: ({ contextValue }) => resultOf(contextValue as Outcome),
      subscribe: ({ contextValue }) => resultOf(contextValue as Outcome),
      // Results are formatted (errors masked) as they come.
      onNext: (_context, _id, _payload, _args, result) => result as ReturnType<typeof resultOf>,
    },
    sockets,
    PING_INTERVAL_MS,
  );
  server.on('upgrade', upgrade);

  return async () => {
    server.off('upgrade', upgrade);
    const clients = [...sockets.clients];
    const grace = setTimeout(() => clients.forEach((client) => client.terminate()), CLOSE_GRACE_MS);
    await dispose();
    clearTimeout(grace);
  };
}

function internalError(): GraphQLError {
  return new GraphQLError('Internal server error', { extensions: { code: 'INTERNAL_SERVER_ERROR' } });
}

function resultOf(outcome: Outcome): ExecutionResult {
  return (outcome.kind === 'stream' ? outcome.stream : outcome.result) as ExecutionResult;
}

/** The token in connection_init: `authorization` as in the header, or a bare `token`. */
function authorizationIn(params: Record<string, unknown> | undefined): string | undefined {
  const { authorization, Authorization = authorization, token } = params ?? {};
  if (typeof Authorization === 'string') return Authorization;
  return typeof token === 'string' ? `Bearer ${token}` : undefined;
}

function refuse(socket: Duplex, status: number): void {
  // The client may never close its side.
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
