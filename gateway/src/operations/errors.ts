import type { Logger } from '@todo/service/logger';
import type { GraphQLError, GraphQLFormattedError } from 'graphql';
import type { GatewayConfig } from '../config.ts';

/**
 * An error that nobody expected: not one that the gateway gives a code, nor one that a subgraph reported
 * (those carry `service`, and subgraphs mask their own).
 */
function isUnexpected({ extensions }: GraphQLFormattedError): boolean {
  const code = extensions?.['code'];
  return (code === undefined || code === 'INTERNAL_SERVER_ERROR') && extensions?.['service'] === undefined;
}

/** Logs what nobody expected, and marks it with the trace id that `maskError` leaves to the client. */
export function noteUnexpected(errors: readonly GraphQLError[], traceId: string, logger: Logger): void {
  for (const error of errors) {
    if (!isUnexpected(error)) continue;
    logger.error({ err: error.originalError ?? error, path: error.path, traceId }, 'unexpected error');
    error.extensions['traceId'] = traceId;
  }
}

/** What the client gets of an error: of an unexpected one nothing but its place and its trace id. */
export type FormatError = (error: GraphQLFormattedError) => GraphQLFormattedError;

/** The one form in which errors leave the gateway. Where the schema cannot be asked for, no error gives it away. */
export function createErrorFormat({ INTROSPECTION }: Pick<GatewayConfig, 'INTROSPECTION'>): FormatError {
  return (error) => {
    if (isUnexpected(error)) return maskError(error);
    return INTROSPECTION ? error : { ...error, message: withoutSuggestions(error.message) };
  };
}

function maskError(error: GraphQLFormattedError): GraphQLFormattedError {
  const { traceId } = error.extensions ?? {};
  return {
    message: 'Internal server error',
    ...(error.path && { path: error.path }),
    extensions: { code: 'INTERNAL_SERVER_ERROR', ...(traceId !== undefined && { traceId }) },
  };
}

/** As GraphQL servers suggest names, in whole sentences: subgraphs do too, of what they coerce. */
function withoutSuggestions(message: string): string {
  return message.replace(/ ?Did you mean (?:[a-z ]+)?"\w+"(?:,? (?:or )?"\w+")*\?/g, '');
}
