import type { ApolloServerPlugin } from '@apollo/server';
import { noteTrace } from './errors.ts';
import { SpanKind, SpanStatusCode, traceparentOf, type Span, type Tracing } from './tracing.ts';
import { newTraceContext, formatTraceparent, parseTraceparent } from './traceparent.ts';

/** Apollo Server hands on a copy of a context, with its symbols. */
const TRACE = Symbol('trace');
type Traced = { [TRACE]?: { traceparent: string; span: Span | undefined } };

/**
 * Begins the trace of a request below the caller's `traceparent`. `within` puts it into the request's context, for the
 * plugin; `traceparent` is what events that the request causes tell.
 */
export function traceRequest(tracing: Tracing | undefined, given: unknown) {
  const parent = typeof given === 'string' && parseTraceparent(given) ? given : undefined;
  const span = tracing?.start('GraphQL Operation', parent, { kind: SpanKind.SERVER });
  const traceparent = span ? traceparentOf(span) : (parent ?? formatTraceparent(newTraceContext()));
  const within = <C extends object>(context: C): C => ({ ...context, [TRACE]: { traceparent, span } });
  return { traceparent, within };
}

/** Ends the span of a request, and gives errors that are masked its trace id. */
export function graphqlTrace<C extends object>(): ApolloServerPlugin<C> {
  const traceOf = (context: C) => (context as Traced)[TRACE];
  return {
    requestDidStart: async () => ({
      didEncounterErrors: async ({ errors, contextValue }) => {
        const traceId = parseTraceparent(traceOf(contextValue)?.traceparent)?.traceId;
        if (traceId !== undefined) noteTrace(errors, traceId);
      },
      willSendResponse: async ({ operation, errors, contextValue }) => {
        const span = traceOf(contextValue)?.span;
        if (!span) return;
        if (operation) span.updateName(operation.operation).setAttribute('graphql.operation.type', operation.operation);
        if (operation?.name) span.setAttribute('graphql.operation.name', operation.name.value);
        if (errors?.[0]) {
          span.setAttribute('error.type', String(errors[0].extensions['code'] ?? 'INTERNAL_SERVER_ERROR'));
          span.setStatus({ code: SpanStatusCode.ERROR });
        }
        span.end();
      },
    }),
  };
}
