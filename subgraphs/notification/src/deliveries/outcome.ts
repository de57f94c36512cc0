import { Deferred, MaybeSent, RetryLater, Undeliverable } from '../channels/channel.ts';
import type { Attempt, Delivery } from './delivery.ts';

/** How failures are tried again. */
export type RetryPolicy = {
  /** How often sending is begun at most. */
  maxAttempts: number;
  /** The wait after the first failure, in milliseconds; each is four times the one before, up to 6 hours. */
  firstRetryMs: number;
};

const FACTOR = 4;
const MAX_RETRY_MS = 6 * 60 * 60 * 1000;
const MAX_DETAIL = 500;

/** Whether the receiver said it: then it was reached, and its circuit has no part in it. */
export const isAnswer = (failure: Error): boolean => failure instanceof Undeliverable || failure instanceof Deferred;

/** What is written down of an attempt, and what follows. */
export function outcomeOf(
  { attempted }: Delivery,
  at: string,
  failure: Error | undefined,
  { maxAttempts, firstRetryMs, neverTwice }: RetryPolicy & { neverTwice?: boolean | undefined },
): { attempt: Attempt; next: Pick<Delivery, 'status' | 'dueAt'>; outcome: string } {
  if (!failure)
    return {
      attempt: { at, outcome: 'DELIVERED', detail: null },
      next: { status: 'DELIVERED', dueAt: null },
      outcome: 'delivered',
    };
  const detail = detailOf(failure);
  const givenUp = { status: 'FAILED', dueAt: null } as const;
  if (failure instanceof Undeliverable)
    return { attempt: { at, outcome: 'REFUSED', detail }, next: givenUp, outcome: 'refused' };
  const isUnknown = failure instanceof MaybeSent;
  const attempt: Attempt = { at, outcome: isUnknown ? 'UNKNOWN' : 'FAILED', detail };
  if (attempted >= maxAttempts || (isUnknown && neverTwice)) return { attempt, next: givenUp, outcome: 'exhausted' };
  const backoff = Math.min(MAX_RETRY_MS, firstRetryMs * FACTOR ** (attempted - 1));
  // Spread out, so that what failed together does not come back together.
  const wait = Math.max(backoff * (0.75 + Math.random() / 2), failure instanceof RetryLater ? failure.afterMs : 0);
  const dueAt = new Date(Date.now() + wait).toISOString();
  return { attempt, next: { status: 'PENDING', dueAt }, outcome: isUnknown ? 'unknown' : 'failed' };
}

/** For the user, who may read it: storable, and of bounded length. */
function detailOf(failure: Error): string {
  return failure.message.replaceAll('\u0000', '').slice(0, MAX_DETAIL).toWellFormed();
}
