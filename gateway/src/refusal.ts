import { HeaderMap } from '@apollo/server';
import { GraphQLError } from 'graphql';

type Http = { status?: number; headers?: HeaderMap };

/**
 * An error that tells a client why it is refused: by a stable code, by a message that says what to do, and over HTTP by a
 * status, with headers where there are any.
 */
export function refusal(code: string, message: string, status = 400, headers?: Record<string, string>): GraphQLError {
  // Apollo Server takes headers in this form only.
  const http: Http = { status, ...(headers && { headers: new HeaderMap(Object.entries(headers)) }) };
  return new GraphQLError(message, { extensions: { code, http } });
}

/** The stable code of an error. */
export function codeOf(error: unknown): string {
  return error instanceof GraphQLError ? String(error.extensions['code']) : 'INTERNAL_SERVER_ERROR';
}

/** The HTTP status that an error asks for. */
export function statusOf({ extensions }: GraphQLError): number {
  return (extensions['http'] as Http | undefined)?.status ?? 500;
}

/** The HTTP headers that an error asks for. */
export function headersOf({ extensions }: GraphQLError): Record<string, string> {
  return Object.fromEntries((extensions['http'] as Http | undefined)?.headers ?? []);
}
