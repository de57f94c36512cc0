import { ApolloServer, type ApolloServerOptionsWithGateway, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import type { DocumentNode, FormattedExecutionResult } from 'graphql';
import type { Caller, GatewayContext } from '../context.ts';
import { resultText } from '../executor/response-data.ts';
import type { Observe } from '../observe/observe.ts';
import { refusal } from '../refusal.ts';
import { createDocumentCache } from './document-cache.ts';
import { createErrorFormat, noteUnexpected } from './errors.ts';
import { exceededInParsing, LimitExceeded } from './limits/limits.ts';
import type { AutomaticDocuments } from './persisted/automatic.ts';

/**
 * How a stream ended: the results that it gave, and a word for why: completed (by the client), disconnected,
 * token_expired, stopping, failed, or the code of its last result in lower case.
 */
export type StreamEnd = { events: number; reason: string };

/** The results of a subscription, one after another. `return` ends it at once. */
export type ResultStream = AsyncGenerator<FormattedExecutionResult, void, void> & {
  /** Where the stream stands: all up to there was handed out. Moves on without results, too. */
  cursor: () => string | undefined;
  /** Whether it ended because this replica stops: it goes on elsewhere, from its cursor. */
  isBrokenOff: () => boolean;
  /** Ends it at once because of what happened to its connection. */
  cut: (reason: 'disconnected' | 'token_expired') => void;
  /** Resolves when it has ended. */
  ended: Promise<StreamEnd>;
  /** Goes on by what a token says that took the place of the one before; ends where that does not permit it. */
  refresh: (by: Pick<Caller, 'identity' | 'expires' | 'headers'>) => void;
};

/**
 * What an operation carries through the pipeline, and what it leaves there for its transport: in an object of its own,
 * because Apollo Server hands on a copy of the context.
 */
export type OperationContext = { caller: Caller; left: { document?: DocumentNode; stream?: ResultStream } };

/** A GraphQL request as every transport delivers it. */
export type OperationRequest = {
  query?: string;
  /** Stands for `query` where documents are trusted. */
  documentId?: string;
  operationName?: string;
  variables?: Record<string, unknown>;
  extensions?: Record<string, unknown>;
};

/** What became of an operation. `refused`: it never ran. `document` is there once it was parsed. */
export type Outcome =
  | { kind: 'result'; result: FormattedExecutionResult; document: DocumentNode | undefined; refused: boolean }
  | { kind: 'stream'; stream: ResultStream; document: DocumentNode };

/**
 * The pipeline that every operation passes, whatever its transport: parse (token limit), then what the gateway's executor
 * does (limits, validation, cost, planning, execution), then masking.
 */
export function createOperationServer(
  context: GatewayContext,
  gateway: NonNullable<ApolloServerOptionsWithGateway<OperationContext>['gateway']>,
  automatic: AutomaticDocuments | undefined,
  observe: Observe,
): ApolloServer<OperationContext> {
  const { config, logger } = context;
  return new ApolloServer<OperationContext>({
    gateway,
    logger,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    csrfPrevention: true,
    persistedQueries: automatic ? { cache: automatic.cache } : false,
    allowBatchedHttpRequests: config.MAX_BATCH_SIZE > 1,
    documentStore: createDocumentCache(config.PLAN_CACHE_BYTES),
    parseOptions: { maxTokens: config.MAX_TOKENS },
    // The executor validates: limits must come before the rules of the specification, which cost more.
    dangerouslyDisableValidation: true,
    formatError: createErrorFormat(config),
    stringifyResult: (result) => `${resultText(result)}\n`,
    nodeEnv: config.NODE_ENV,
    plugins: [
      watch(context, observe),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginCacheControlDisabled(),
    ],
  });
}

/** Apollo Server gives these no code. */
const PERSISTED_QUERY_FAULTS = new Set(['provided sha does not match query', 'Unsupported persisted query version']);

function watch(
  { config, metrics, logger, tracing }: GatewayContext,
  observe: Observe,
): ApolloServerPlugin<OperationContext> {
  return {
    requestDidStart: async ({ contextValue }) => ({
      ...(tracing && {
        parsingDidStart: async ({ contextValue: { caller } }) => {
          const span = caller.span && tracing.start('graphql.parse', caller.span);
          return async () => span?.end();
        },
      }),
      didResolveOperation: async ({ document, operation }) => {
        contextValue.left.document = document;
        if (contextValue.caller.transport.readOnly && operation?.operation === 'mutation') {
          throw refusal('BAD_REQUEST', 'a mutation needs POST', 405, { allow: 'POST' });
        }
      },
      didEncounterErrors: async ({ errors }) => {
        for (const error of errors) {
          if (PERSISTED_QUERY_FAULTS.has(error.message)) error.extensions['code'] ??= 'BAD_REQUEST';
          const exceeded = error instanceof LimitExceeded ? error : exceededInParsing(error, config.MAX_TOKENS);
          if (!exceeded) continue;
          metrics.limitsHit.inc({ limit: exceeded.limit });
          Object.assign(error, { message: exceeded.message });
          Object.assign(error.extensions, exceeded.extensions);
        }
        noteUnexpected(errors, contextValue.caller.traceId, logger);
      },
      willSendResponse: async ({ operation, response: { body, http }, contextValue: { caller, left } }) => {
        const { errors = [], data } = body.kind === 'single' ? body.singleResult : {};
        observe.answered({
          caller,
          operation: operation ?? undefined,
          errors,
          refused: data === undefined,
          status: caller.transport.name === 'http' ? (http.status ?? 200) : undefined,
          stream: left.stream,
        });
      },
    }),
  };
}

/** Runs an operation that did not come as a plain HTTP request. */
export async function runOperation(
  server: ApolloServer<OperationContext>,
  { query, operationName, variables, extensions }: OperationRequest,
  caller: Caller,
): Promise<Outcome> {
  const contextValue: OperationContext = { caller, left: {} };
  const { body } = await server.executeOperation({ query, operationName, variables, extensions }, { contextValue });
  const { stream, document } = contextValue.left;
  if (stream && document) return { kind: 'stream', stream, document };
  if (body.kind !== 'single') throw new Error('the pipeline made an incremental result, which it was not asked for');
  return { kind: 'result', result: body.singleResult, document, refused: body.singleResult.data === undefined };
}
