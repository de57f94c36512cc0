import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { z } from 'zod';
import type { Identity } from './identity.ts';
import type { Logger } from './logger.ts';

/** The codes of failures that a client can do something about. Anything else is masked. */
const EXPECTED = new Set([
  'BAD_USER_INPUT',
  'NOT_FOUND',
  'CONFLICT',
  'FORBIDDEN',
  'UNAUTHENTICATED',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'BAD_REQUEST',
]);

const failure =
  (code: string) =>
  (message: string, extensions: Record<string, unknown> = {}): GraphQLError =>
    new GraphQLError(message, { extensions: { code, ...extensions } });

export const notFound = failure('NOT_FOUND');
export const conflict = failure('CONFLICT');
const forbidden = failure('FORBIDDEN');

/** @param fields the inputs at fault, each with what is wrong with it */
export function badInput(message: string, fields: { field: string; message: string }[] = []): GraphQLError {
  return failure('BAD_USER_INPUT')(message, fields.length > 0 ? { fields } : {});
}

/** One input at fault. */
export const wrongField = (field: string, message: string): GraphQLError =>
  badInput(`${field}: ${message}`, [{ field, message }]);

/** Checks an input. @throws BAD_USER_INPUT that names every field at fault */
export function parseInput<T extends z.ZodType>(schema: T, input: unknown): z.infer<T> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const fields = result.error.issues.map((issue) => ({ field: issue.path.join('.'), message: issue.message }));
  throw badInput(fields.map(({ field, message }) => `${field}: ${message}`).join('; '), fields);
}

/** The caller. @throws UNAUTHENTICATED where there is none */
export function requireIdentity(context: { identity: Identity | undefined }): Identity {
  if (!context.identity) throw failure('UNAUTHENTICATED')('this needs a signed-in user: send a bearer token');
  return context.identity;
}

/** The caller, where the token has a scope. The gateway asks the same before. @throws UNAUTHENTICATED, FORBIDDEN */
export function requireScope(context: { identity: Identity | undefined }, scope: string): Identity {
  const identity = requireIdentity(context);
  if (!identity.scopes.includes(scope)) throw forbidden(`this needs the scope ${scope}`);
  return identity;
}

/** Gives errors that `maskUnexpected` masks the id of the trace that they are in. */
export function noteTrace(errors: readonly GraphQLError[], traceId: string): void {
  for (const { extensions } of errors) if (!EXPECTED.has(String(extensions['code']))) extensions['traceId'] = traceId;
}

/** For Apollo Server: expected failures pass, anything else is logged and masked under a trace id. */
export function maskUnexpected(logger: Logger) {
  return (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    if (EXPECTED.has(String(formatted.extensions?.['code']))) return formatted;
    const traceId = formatted.extensions?.['traceId'] ?? crypto.randomUUID();
    logger.error({ err: error, traceId, path: formatted.path }, 'unexpected error');
    return {
      message: `internal error (${traceId})`,
      ...(formatted.path && { path: formatted.path }),
      extensions: { code: 'INTERNAL_SERVER_ERROR', traceId },
    };
  };
}
