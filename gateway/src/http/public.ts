import { closeWhenIdle } from '@todo/service/close';
import type { Stop } from '@todo/service/shutdown';
import { fastify, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Arrival, Caller, GatewayContext, Transport } from '../context.ts';
import { runOperation, type OperationRequest } from '../operations/server.ts';
import { refusal } from '../refusal.ts';
import { addFailures, answerMalformed, answerUnroutable } from './failures.ts';
import { addHealth, type Readiness } from './health.ts';
import { addLandingPage } from './landing.ts';
import { addJsonBodies } from './json-body.ts';
import { readOperations } from './operation-request.ts';
import { addCors, checkOrigin, createOriginCheck } from './origins.ts';
import { addPages } from './pages.ts';
import { createPlainResponses } from './plain-response.ts';
import { headerOf } from './callers.ts';
import type { Pipeline } from './pipeline.ts';
import { addResourceMetadata } from './resource-metadata.ts';
import { addSession } from './session.ts';
import { acceptedStream, serveStream, streamFormatOf } from './stream-response.ts';
import { isForWebSocket, serveWebSockets } from './websocket.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Of a request for /graphql, and its caller once that is known. */
    arrival?: Arrival | Caller;
  }
}

/** How long a client may take to send its request. */
const REQUEST_TIMEOUT_MS = 30_000;
/** Answers are for one caller, and nothing but what they say they are. */
const ANSWERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

/** The public port. `stop` waits for operations in flight, for SHUTDOWN_GRACE_MS at most; others must have ended the streams. */
export type PublicServer = { url: string; stop: Stop };

/** Serves GraphQL to clients: HTTP, server-sent events and WebSocket, all at /graphql, also while `draining`. */
export async function startPublicServer(
  context: GatewayContext,
  pipeline: Pipeline,
  readiness: Readiness,
  draining: AbortSignal,
): Promise<PublicServer> {
  const { config, logger } = context;
  const { observe, arrivalOf, callerOf, admit } = pipeline;
  const isAllowedOrigin = createOriginCheck(config);
  const servePlain = createPlainResponses(pipeline);
  const app = fastify({
    bodyLimit: config.MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { shouldUpgradeCallback: isForWebSocket },
    connectionTimeout: config.CONNECTION_IDLE_MS,
    exposeHeadRoutes: false,
    frameworkErrors: answerUnroutable,
    clientErrorHandler: answerMalformed,
    // A request that came in on an open connection is answered.
    return503OnClosing: false,
  });
  const closeHttp = closeWhenIdle(app, config.SHUTDOWN_GRACE_MS);
  // Hooks of every request are not async: each promise takes its time.
  app.addHook('onSend', (_request, reply, _payload, done) => {
    // Has clients and load balancers connect anew, which is elsewhere.
    if (draining.aborted) void reply.header('connection', 'close');
    done();
  });

  addCors(app, isAllowedOrigin, config);
  addJsonBodies(app);
  addFailures(app, logger, ({ arrival }, code, status) => {
    if (arrival) observe.turnedAway(arrival, code, status);
  });
  addHealth(app, readiness, config.INTERNAL_PORT === undefined);
  if (config.NODE_ENV === 'development') addLandingPage(app, config);
  addPages(app, config);
  addResourceMetadata(app, config);
  if (config.AUTH_COOKIE !== undefined) addSession(app, config.AUTH_COOKIE, arrivalOf, callerOf, isAllowedOrigin);
  app.route({
    method: ['GET', 'POST'],
    url: '/graphql',
    // Before the body: nothing is read of who may not call.
    onRequest: async (request, reply) => {
      void reply.headers(ANSWERS);
      const traceparent = headerOf(request.raw, 'traceparent');
      const arrival = arrivalOf(request.raw, transportOf(request), { traceparent });
      request.arrival = arrival;
      checkOrigin(request.raw, isAllowedOrigin);
      request.arrival = await callerOf(request.raw, arrival, { signal: signalOf(reply) });
    },
    handler: async (request, reply) => {
      const accepted = acceptedStream(request);
      const known = request.arrival as Caller;
      const { requests, headers } = await admit(readOperations(request), known);
      void reply.headers(headers);
      const format = accepted && streamFormatOf(accepted, requests, { maxTokens: config.MAX_TOKENS });
      const caller = { ...known, transport: { ...known.transport, name: format?.transport ?? 'http' } };
      if (requests.length > 1) return servePlain(request, reply, requests, inBatch(caller, reply));
      if (!format) return servePlain(request, reply, requests, caller);
      const outcome = await runOperation(pipeline.operations, requests[0] as OperationRequest, caller);
      return serveStream(reply, format, outcome, caller);
    },
  });
  app.route({
    method: ['DELETE', 'HEAD', 'PATCH', 'PUT'],
    url: '/graphql',
    onRequest: async () => {
      throw refusal('BAD_REQUEST', 'operations need POST, queries take GET as well', 405, {
        allow: 'GET, POST, OPTIONS',
      });
    },
    handler: async () => undefined,
  });

  const url = await app.listen({ host: config.HOST, port: config.PORT });
  const closeWebSockets = serveWebSockets(context, app.server, isAllowedOrigin, pipeline);
  return { url, stop: async () => void (await Promise.all([closeWebSockets(), closeHttp()])) };
}

function transportOf(request: FastifyRequest): Transport {
  const accepted = acceptedStream(request);
  const name = accepted && !accepted.takesJson ? accepted.format.transport : 'http';
  return { name, readOnly: request.method === 'GET' };
}

/** The operations of a batch share a span, which ends with their answer. */
function inBatch(caller: Caller, reply: FastifyReply): Caller {
  const { span, ...rest } = caller;
  if (span) reply.raw.once('close', () => span.updateName('batch').end());
  return rest;
}

/** Aborted when the client goes away before it has its answer. */
function signalOf({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => {
    // Nobody waits any more for what is answered, and aborting is dear.
    if (!raw.writableFinished) gone.abort();
  });
  return gone.signal;
}
