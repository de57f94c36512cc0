import { createHash } from 'node:crypto';
import type { GraphQLResolveInfo } from 'graphql';
import { badInput, conflict, requireIdentity } from './errors.ts';
import type { Identity } from './identity.ts';
import type { StateOperation } from './state.ts';

/**
 * The header that the gateway sends with every mutation: the key of the client's operation (the client's own, or one of
 * the gateway's), 1 to 255 visible ASCII characters, alike for all requests that one operation needs. A root field of a
 * mutation is told by the caller's identity, this key and the field's response key (its alias, or its name): that is
 * unique within an operation, and a client's retry gives the same again, however the operation is planned by then.
 */
export const IDEMPOTENCY_HEADER = 'idempotency-key';

/** How long an answer is kept: 24 hours. */
const KEPT_SECONDS = 24 * 60 * 60;
const KEY = /^[\x21-\x7e]{1,255}$/;

/** What makes one mutation the same as another: where its answer is kept in state, and a print of what it asks for. */
export type Once = {
  stateKey: string;
  fingerprint: string;
  /** How long the answer is kept: 24 hours unless given. */
  keptSeconds?: number;
};

/** The document under `stateKey`: an answer that was given. */
export type Answered<T> = { fingerprint: string; answer: T };

/**
 * What a root field of a mutation is known by: its `idempotencyKey`, or the operation's with the field's response key;
 * undefined where neither is given.
 * @throws BAD_USER_INPUT where the key is none
 */
export function onceOf(
  context: { identity: Identity | undefined; idempotencyKey: string | undefined },
  { idempotencyKey: own, ...args }: { idempotencyKey?: string | null },
  { fieldName, path }: Pick<GraphQLResolveInfo, 'fieldName' | 'path'>,
): Once | undefined {
  const key = own ?? context.idempotencyKey;
  if (key === undefined) return undefined;
  if (!KEY.test(key)) {
    const message = 'must be 1 to 255 visible ASCII characters';
    throw badInput(`idempotencyKey: ${message}`, [{ field: 'idempotencyKey', message }]);
  }
  const { sub } = requireIdentity(context);
  const name = own == null ? [sub, 'operation', key, path.key] : [sub, 'field', key];
  return { stateKey: `once-${digest(name)}`, fingerprint: digest([fieldName, args]) };
}

/** What a call of another service is known by: the service's own key, kept for so many seconds. */
export function onceOfService(appId: string, key: string, args: unknown, keptSeconds: number): Once {
  return { stateKey: `once-${digest([appId, 'service', key])}`, fingerprint: digest(args), keptSeconds };
}

/** What one of several parts of a mutation is known by. */
export function partOf(once: Once | undefined, part: string): Once | undefined {
  return once && { ...once, stateKey: `once-${digest([once.stateKey, part])}` };
}

/** Keeps an answer, in the transaction of what it tells of: StaleState where one is kept already. */
export function keepAnswer(once: Once | undefined, answer: unknown): StateOperation[] {
  if (!once) return [];
  const value: Answered<unknown> = { fingerprint: once.fingerprint, answer };
  return [{ op: 'create', key: once.stateKey, value, ttlSeconds: once.keptSeconds ?? KEPT_SECONDS }];
}

/** The answer that was given to the same before, if any. @throws CONFLICT where the key was used for something else */
export function answerTo<T>(once: Once | undefined, known: Answered<T> | undefined): Answered<T> | undefined {
  if (known && known.fingerprint !== once?.fingerprint)
    throw conflict('this idempotency key was used with other arguments within the last 24 hours: take a new one');
  return known;
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url');
}
