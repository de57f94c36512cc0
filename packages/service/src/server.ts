import { readFileSync } from 'node:fs';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify';
import { parse } from 'graphql';
import { collectDefaultMetrics, register } from 'prom-client';
import { closeWhenIdle } from './close.ts';
import type { ServiceConfig } from './config.ts';
import type { Dapr } from './dapr.ts';
import { type DeadLetterHandler, receiveDeadLetters } from './dead-letters.ts';
import { maskUnexpected } from './errors.ts';
import { IDEMPOTENCY_HEADER } from './idempotency.ts';
import type { Identity } from './identity.ts';
import { graphqlTrace, traceRequest } from './graphql-trace.ts';
import { type BindingHandlers, type InternalRoute, receiveBindings, receiveInternal } from './internal.ts';
import type { Logger } from './logger.ts';
import { fromApp, fromOwnSidecar, identityOf, onlyValueOf } from './sidecar.ts';
import { type EventHandlers, receiveEvents } from './subscriber.ts';
import { endOnSignal, type Stop } from './shutdown.ts';
import { startTracing, type Tracing } from './tracing.ts';

/** Resolvers as the generated types describe them. */
type Resolvers = Parameters<typeof buildSubgraphSchema>[0] extends infer M
  ? M extends { resolvers?: infer R }
    ? NonNullable<R>
    : never
  : never;

/** What the gateway says of a request beside the operation. */
export type SubgraphRequest = {
  /** The caller that the gateway vouches for: undefined where it is anonymous. */
  identity: Identity | undefined;
  /** The key of the client's operation: see `IDEMPOTENCY_HEADER`. */
  idempotencyKey: string | undefined;
  /** W3C trace context of the call. */
  traceparent: string | undefined;
};

/** What a job of Dapr's scheduler does when it fires. It may fire twice. Throwing means "again later". */
type JobHandler = (name: string, data: unknown) => Promise<void>;

export type SubgraphOptions<Context extends { identity: Identity | undefined }> = {
  config: ServiceConfig;
  logger: Logger;
  dapr: Dapr;
  /** The SDL file of schema/. */
  schemaFile: URL;
  resolvers: object;
  /** The context of one request. */
  createContext(request: SubgraphRequest): Context;
  events?: EventHandlers;
  /** What the keeper of dead letters does with one. */
  onDeadLetter?: DeadLetterHandler;
  onJob?: JobHandler;
  /** What one other app may invoke. */
  internal?: readonly InternalRoute[];
  bindings?: BindingHandlers;
};

export type SubgraphServer = {
  /** From now on requests are served; until then everything but /healthz and /metrics answers 503. */
  ready(): void;
  /** For what happens apart from requests; undefined where nothing is traced. It stops with the server. */
  tracing: Tracing | undefined;
  stop: Stop;
};

/**
 * A subgraph's HTTP server: `/graphql` for the gateway, `/internal/*` for one other app each, `/events/*`, `/job/*` and
 * `/bindings/*` for the own sidecar, and `/healthz`, `/readyz`, `/metrics`. It listens at once, because the sidecar waits for its app before the app can use the sidecar.
 */
export async function startSubgraph<Context extends { identity: Identity | undefined }>(
  options: SubgraphOptions<Context>,
): Promise<SubgraphServer> {
  const { config, logger, dapr } = options;
  // Its sidecar may not come for a while.
  endOnSignal();
  const tracing = startTracing(config, config.APP_ID, logger);
  let ready = false;
  const app: FastifyInstance = Fastify({
    loggerInstance: logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: 4 * 1024 * 1024,
  });
  const close = closeWhenIdle(app);
  collectDefaultMetrics();

  app.get('/healthz', async () => ({ status: 'ok' }));
  app.get('/readyz', async (_, reply) => reply.code(ready ? 200 : 503).send({ status: ready ? 'ready' : 'starting' }));
  app.get('/metrics', async (_, reply) => reply.type(register.contentType).send(await register.metrics()));
  // What the sidecar asks at its start: everything is said in its resources.
  app.get('/dapr/config', async () => ({}));
  app.get('/dapr/subscribe', async () => []);
  const open = new Set(['/healthz', '/readyz', '/metrics', '/dapr/config', '/dapr/subscribe']);
  app.addHook('onRequest', async (request, reply) => {
    // The sidecar asks for a binding's route once, at its start.
    if (!ready && !open.has(request.url) && request.method !== 'OPTIONS')
      return reply.code(503).send({ error: 'starting' });
  });

  if (options.events)
    receiveEvents(app, options.events, { appId: config.APP_ID, appToken: config.APP_API_TOKEN, dapr, logger, tracing });
  if (options.onDeadLetter) receiveDeadLetters(app, options.onDeadLetter, { appToken: config.APP_API_TOKEN, logger });
  if (options.onJob) receiveJobs(app, options.onJob, config.APP_API_TOKEN, logger);
  receiveInternal(app, options.internal ?? [], { appToken: config.APP_API_TOKEN, logger });
  receiveBindings(app, options.bindings ?? {}, { appToken: config.APP_API_TOKEN, logger });
  const apollo = await addGraphQL(app, options, tracing);

  await app.listen({ host: config.HOST, port: config.APP_PORT });
  logger.info({ port: config.APP_PORT }, 'listening');
  return {
    ready() {
      ready = true;
      logger.info('ready');
    },
    tracing,
    async stop() {
      ready = false;
      await close();
      await apollo.stop();
      await tracing?.stop();
    },
  };
}

function receiveJobs(app: FastifyInstance, onJob: JobHandler, appToken: string, logger: Logger): void {
  app.post<{ Params: { name: string } }>(
    '/job/:name',
    { onRequest: fromOwnSidecar(appToken) },
    async (request, reply) => {
      try {
        await onJob(request.params.name, request.body);
        return await reply.send({});
      } catch (error) {
        logger.warn({ err: error, job: request.params.name }, 'job failed, it will fire again');
        return reply.code(500).send({ error: 'failed' });
      }
    },
  );
}

async function addGraphQL<Context extends { identity: Identity | undefined }>(
  app: FastifyInstance,
  { config, logger, schemaFile, resolvers, createContext }: SubgraphOptions<Context>,
  tracing: Tracing | undefined,
): Promise<ApolloServer<Context>> {
  const apollo = new ApolloServer<Context>({
    schema: buildSubgraphSchema({
      typeDefs: parse(readFileSync(schemaFile, 'utf8')),
      resolvers: resolvers as Resolvers,
    }),
    formatError: maskUnexpected(logger),
    includeStacktraceInErrorResponses: false,
    introspection: false,
    logger,
    plugins: [graphqlTrace(), ApolloServerPluginInlineTraceDisabled()],
    stopOnTerminationSignals: false,
  });
  await apollo.start();
  const handler = fastifyApolloHandler(apollo, {
    context: async (request) => {
      const { traceparent, within } = traceRequest(tracing, onlyValueOf(request, 'traceparent'));
      const idempotencyKey = onlyValueOf(request, IDEMPOTENCY_HEADER);
      return within(createContext({ identity: identityOf(request), idempotencyKey, traceparent }));
    },
  });
  app.post('/graphql', { onRequest: fromApp(config.APP_API_TOKEN, config.GATEWAY_APP_ID) }, handler);
  return apollo;
}
