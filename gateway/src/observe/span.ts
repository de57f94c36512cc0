import { SpanStatusCode, type Span } from '@todo/service/tracing';
import type { Told } from './told.ts';

/**
 * Ends an operation's span by the semantic conventions for GraphQL servers: its name is the operation's type, as clients
 * choose any names. It holds no document, no variables and nothing of who called.
 */
export function endOperation(span: Span, transport: string, { operation, type, status, outcome, codes }: Told): void {
  span.setAttribute('graphql.transport', transport);
  if (type !== undefined) span.updateName(type).setAttribute('graphql.operation.type', type);
  if (operation !== undefined) span.setAttribute('graphql.operation.name', operation);
  if (status !== undefined) span.setAttribute('http.response.status_code', status);
  endSpan(span, codes[0], outcome === 'errors' || outcome === 'failed');
}

/** Ends a span; `errorType` is a word for what went wrong, which `isFault` says is the server's doing. */
export function endSpan(span: Span, errorType: string | undefined, isFault = errorType !== undefined): void {
  if (errorType !== undefined) span.setAttribute('error.type', errorType);
  if (isFault) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
