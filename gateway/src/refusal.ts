import { GraphQLError } from 'graphql';

/** What an HTTP answer has to have beside the error: its status, and headers. */
type Http = { status: number; headers?: Record<string, string> };

/** An error that tells a client what it did, by a stable code, and how HTTP says it: by a status, with headers where there are any. */
export function refusal(code: string, message: string, status = 400, headers?: Record<string, string>): GraphQLError {
  const http: Http = { status, ...(headers && { headers }) };
  return new GraphQLError(message, { extensions: { code, http } });
}
