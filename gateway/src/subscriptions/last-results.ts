import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';

/** What is the last result of a stream that the gateway ends: `cursor` says where it can go on. */
export type LastResult = (cursor: string | undefined) => FormattedExecutionResult;

/** Events never came, or are gone. */
export const missed =
  (code: 'EVENTS_LOST' | 'CURSOR_TOO_OLD'): LastResult =>
  () => ({
    errors: [
      {
        message: 'events were missed: read the current state, and subscribe without a cursor',
        extensions: { code },
      },
    ],
  });

/** More than `limit` events were left unread. */
export const slowConsumer =
  (limit: number): LastResult =>
  (cursor) => ({
    errors: [
      {
        message: `the subscriber fell more than ${limit} events behind: subscribe again with the cursor, and read faster`,
        extensions: { code: 'SLOW_CONSUMER', cursor },
      },
    ],
  });

/** What the stream selects is not to be had by the supergraph that came into force, for the `reason`. */
export const supergraphChanged =
  ({ message, extensions }: GraphQLFormattedError): LastResult =>
  (cursor) => ({
    errors: [
      {
        message: `the supergraph changed, and this subscription cannot go on: ${message}`,
        extensions: { ...extensions, code: 'SUPERGRAPH_CHANGED', reason: extensions?.['code'], cursor },
      },
    ],
  });

/** It cannot go on for the reason given, as by the token that took the place of the one before. */
export const cannotGoOn =
  ({ message, extensions }: GraphQLFormattedError): LastResult =>
  (cursor) => ({ errors: [{ message, extensions: { ...extensions, cursor } }] });
