import { createHash } from 'node:crypto';
import type { DeadLetterStatus } from '../generated/resolvers.ts';

/** An event that could not be handled: one document in Dapr state, under `dead-letter-<id>`. */
export type KeptLetter = {
  id: string;
  eventId: string;
  topic: string;
  /** The service that gave up: null where its sidecar did. */
  consumer: string | null;
  /** The key that the event was published with. */
  key: string | null;
  reason: string;
  /** How often it came here. */
  attempts: number;
  /** The event's JSON, or the beginning of it. */
  payload: string;
  replayable: boolean;
  status: DeadLetterStatus;
  receivedAt: string;
  /** What tells the letter that came last: the same may be delivered again. */
  letter: string;
};

/** What the schema's type is resolved from: a long payload is cut off, but where one letter is asked for. */
export type ShownLetter = KeptLetter & { payloadTruncated?: boolean };

/** Characters of a payload that are shown beside others: a page of the longest fits into an answer. */
export const MAX_SHOWN_PAYLOAD = 8 * 1024;

/** A letter as lists show it. */
export const shown = (letter: KeptLetter): ShownLetter => ({
  ...letter,
  payload: letter.payload.slice(0, MAX_SHOWN_PAYLOAD).toWellFormed(),
  payloadTruncated: letter.payload.length > MAX_SHOWN_PAYLOAD,
});

/** Keys of dead letters; the SQL trigger goes by the same prefix. */
export const deadLetterKey = (id: string): string => `dead-letter-${id}`;

/** The same for an event of a topic that the same consumer gives up again. */
export const deadLetterId = (topic: string, consumer: string | null, eventId: string): string =>
  createHash('sha256')
    .update(JSON.stringify([topic, consumer, eventId]))
    .digest('base64url');
