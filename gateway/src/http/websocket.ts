import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Stop } from '@todo/service/shutdown';
import { CloseCode, handleProtocols } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import type { GatewayContext } from '../context.ts';
import { createPlaces } from '../rate/places.ts';
import { quotaKey } from '../rate/key.ts';
import { createAddressOf } from './address.ts';
import { refuseSocket } from './failures.ts';
import type { IsAllowedOrigin } from './origins.ts';
import type { Pipeline } from './pipeline.ts';
import { createConnections } from './websocket-connection.ts';

const HEARTBEAT_MS = 10_000;
const CLOSE_GRACE_MS = 1000;
const GOING_AWAY = 1001;
/** What a client may leave unread, in maximal messages: pongs, too, fill memory when nobody takes them. */
const UNREAD_MESSAGES = 16;

/**
 * Serves the graphql-transport-ws protocol on a server's upgrades of /graphql: all operation types. Dead connections
 * are found by ping frames, and slow ones by what they leave unread. Stopping lets queries and mutations under way finish,
 * for SHUTDOWN_GRACE_MS at most, tells each stream's cursor, then closes all with 1001, which has clients connect again.
 */
export function serveWebSockets(
  context: GatewayContext,
  server: Server,
  isAllowedOrigin: IsAllowedOrigin,
  pipeline: Pipeline,
): Stop {
  const { config, logger, metrics } = context;
  const open = createConnections(context, pipeline);
  const connections = new Set<{ end: (grace: AbortSignal) => Promise<void> }>();
  const addressOf = createAddressOf(config);
  const takePlace = createPlaces(config.MAX_CONNECTIONS_PER_ADDRESS);
  const maxUnread = UNREAD_MESSAGES * config.MAX_BODY_BYTES;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: config.MAX_BODY_BYTES,
    handleProtocols: (protocols) => handleProtocols(protocols),
  });

  const upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    // Node has taken its own listener away: a reset must not be an uncaught error.
    socket.on('error', () => socket.destroy());
    if (request.url?.split('?')[0] !== '/graphql')
      return refuseSocket(socket, 404, 'there is nothing here: GraphQL is served at /graphql', 'NOT_FOUND');
    if (!isAllowedOrigin(request))
      return refuseSocket(socket, 403, 'pages of this origin may not call: see CORS_ORIGINS', 'FORBIDDEN');
    const givePlaceBack = takePlace(quotaKey({ identity: undefined, address: addressOf(request) }));
    if (!givePlaceBack) {
      metrics.limitsHit.inc({ limit: 'connectionsPerAddress' });
      const message = `this address has ${config.MAX_CONNECTIONS_PER_ADDRESS} WebSockets open: close one first`;
      return refuseSocket(socket, 429, message, 'TOO_MANY_CONNECTIONS');
    }
    socket.once('close', givePlaceBack);
    sockets.handleUpgrade(request, socket, head, (client) => connect(client, request));
  };

  const connect = (socket: WebSocket, request: IncomingMessage): void => {
    const send = (data: string): Promise<void> =>
      new Promise((resolve, reject) => {
        if (socket.readyState !== socket.OPEN) return resolve();
        socket.send(data, (error) => (error ? reject(error) : resolve()));
      });
    const close = (code: number, reason: string): void => socket.close(code, reason);
    const connection = open({ protocol: socket.protocol, send, close }, request);
    const gone = new Promise<void>((resolve) => void socket.once('close', () => resolve()));
    const end = async (grace: AbortSignal): Promise<void> => {
      await Promise.race([connection.settled(grace), gone]);
      tellCursors();
      close(GOING_AWAY, 'this replica is stopping: connect again');
      const timer = setTimeout(() => socket.terminate(), CLOSE_GRACE_MS);
      await gone;
      clearTimeout(timer);
    };
    const entry = { end };
    connections.add(entry);
    metrics.webSockets.set(connections.size);

    const tellCursors = (): void => {
      connection.heartbeat().catch((error: unknown) => logger.debug({ err: error }, 'a heartbeat was not sent'));
    };
    const isReading = (): boolean => {
      if (socket.bufferedAmount <= maxUnread) return true;
      socket.terminate();
      return false;
    };
    let alive = true;
    socket.on('pong', () => (alive = true));
    const heartbeat = setInterval(() => {
      if (!alive) return socket.terminate();
      alive = false;
      socket.ping();
      tellCursors();
    }, HEARTBEAT_MS);

    socket.on('ping', isReading);
    socket.on('message', (data: Buffer) => {
      // What a client sends on a connection that was closed, for its token perhaps, is not for us.
      if (socket.readyState !== socket.OPEN || !isReading()) return;
      connection.receive(data.toString()).catch((error: unknown) => {
        // What the protocol does not know is the client's fault; all else has been answered within its operation.
        logger.debug({ err: error }, 'a message was not understood');
        close(CloseCode.BadRequest, 'Invalid message received');
      });
    });
    // A broken frame or a reset: `close` follows.
    socket.on('error', (error) => logger.debug({ err: error }, 'a WebSocket broke'));
    socket.once('close', (code, reason) => {
      clearInterval(heartbeat);
      connections.delete(entry);
      metrics.webSockets.set(connections.size);
      connection
        .closed(code, reason.toString())
        .catch((error: unknown) => logger.error({ err: error }, 'a connection was not cleared away'));
    });
  };

  server.on('upgrade', upgrade);

  return async () => {
    server.off('upgrade', upgrade);
    server.on('upgrade', (_request, socket) =>
      refuseSocket(socket, 503, 'this replica is stopping: connect again', 'SUBSCRIPTIONS_UNAVAILABLE'),
    );
    const grace = new AbortController();
    const timer = setTimeout(() => grace.abort(), config.SHUTDOWN_GRACE_MS);
    await Promise.all([...connections].map((connection) => connection.end(grace.signal)));
    clearTimeout(timer);
  };
}

/** Other upgrades may be passed over (RFC 9110, 7.8): some clients offer HTTP/2 with their first request. */
export function isForWebSocket({ headers }: IncomingMessage): boolean {
  return /^websocket$/i.test(headers.upgrade ?? '');
}
