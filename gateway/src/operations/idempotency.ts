import { randomUUID } from 'node:crypto';
import { refusal } from '../refusal.ts';

const VISIBLE_ASCII = /^[\x21-\x7e]{1,255}$/;

/**
 * The idempotency key of a mutation: the client's (`extensions.idempotencyKey`, for which the Idempotency-Key header
 * stands over HTTP), or a new one. IDEMPOTENCY_HEADER says what subgraphs make of it.
 * @throws GraphQLError BAD_USER_INPUT (400) where the client's is not 1 to 255 visible ASCII characters
 */
export function idempotencyKeyOf(extensions: Record<string, unknown> | undefined): string {
  const given = extensions?.['idempotencyKey'];
  if (given === undefined || given === null) return randomUUID();
  if (typeof given === 'string' && VISIBLE_ASCII.test(given)) return given;
  const message = 'the idempotency key must be a text of 1 to 255 visible ASCII characters, without spaces';
  throw refusal('BAD_USER_INPUT', message);
}
