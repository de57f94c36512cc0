import { type Channel, Gone, RetryLater, Undeliverable } from '../channels/channel.ts';
import type { AppContext } from '../context.ts';
import { metrics } from '../metrics.ts';
import { changeRecipient } from '../recipient/change-recipient.ts';
import { newRecipient, type Recipient, recipientKey } from '../recipient/recipient.ts';
import { settle } from './claim.ts';
import type { Circuits } from './circuits.ts';
import { type Attempt, type Delivery, withAttempt } from './delivery.ts';
import { heldUntil } from './plan.ts';

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

type SendContext = Pick<AppContext, 'state' | 'logger'>;

/** Sends a delivery that was claimed, and writes down what became of it. */
export async function sendDelivery(
  context: SendContext,
  { channel, circuits, policy }: { channel: Channel; circuits: Circuits; policy: RetryPolicy },
  delivery: Delivery,
): Promise<void> {
  if (delivery.attempted > policy.maxAttempts) {
    // Senders ended over it again and again.
    await settle(context.state, delivery, (known) => ({ ...known, status: 'FAILED', dueAt: null }));
    metrics.deliveries.inc({ channel: channel.name, outcome: 'exhausted' });
    return;
  }
  const recipient = ((await context.state.get(recipientKey(delivery.ownerId)))?.value ??
    newRecipient(delivery.ownerId)) as Recipient;
  // Quiet hours may have begun since it was logged, or since it failed.
  const held = heldUntil(recipient, delivery.content, new Date());
  if (held !== undefined) return putOff(context, delivery, 'quiet', { dueAt: held, sendAt: held });
  const circuit = channel.circuitOf(delivery);
  if (!circuits.enter(circuit)) {
    const wait = Math.max(1_000, circuits.waitOf(circuit));
    return putOff(context, delivery, 'withheld', { dueAt: new Date(Date.now() + wait).toISOString() });
  }
  if (delivery.attempts.at(-1)?.outcome === 'UNKNOWN')
    metrics.deliveries.inc({ channel: channel.name, outcome: 'repeated' });
  const at = new Date().toISOString();
  const failure = await withinTime(channel.timeoutMs, (signal) => channel.send(delivery, recipient, signal)).then(
    () => undefined,
    (error: unknown) => error as Error,
  );
  // What is refused was reached.
  circuits.leave(circuit, failure === undefined || failure instanceof Undeliverable);
  const { attempt, next, outcome } = outcomeOf(delivery, at, failure, policy);
  await settle(context.state, delivery, (known) => withAttempt(known, attempt, next));
  metrics.deliveries.inc({ channel: channel.name, outcome });
  if (failure === undefined)
    metrics.lateness.observe({ channel: channel.name }, (Date.now() - Date.parse(delivery.sendAt)) / 1000);
  else context.logger.info({ delivery: delivery.id, channel: channel.name, outcome }, 'a delivery failed');
  if (failure instanceof Gone) await dropTarget(context, delivery);
}

/** Nothing was sent, so it does not count. */
async function putOff(
  { state }: SendContext,
  delivery: Delivery,
  outcome: 'quiet' | 'withheld',
  times: Pick<Delivery, 'dueAt'> & Partial<Pick<Delivery, 'sendAt'>>,
): Promise<void> {
  metrics.deliveries.inc({ channel: delivery.channel, outcome });
  await settle(state, delivery, (known) => ({
    ...known,
    ...times,
    status: 'PENDING',
    attempted: known.attempted - 1,
  }));
}

/** Gives up what takes longer, whether it heeds the signal or not. */
async function withinTime(ms: number, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(new Error('no answer in time'));
    controller.abort();
  }, ms);
  try {
    await Promise.race([late.promise, work(controller.signal)]);
  } finally {
    clearTimeout(timer);
  }
}

function outcomeOf(
  { attempted }: Delivery,
  at: string,
  failure: Error | undefined,
  { maxAttempts, firstRetryMs }: RetryPolicy,
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
  const attempt: Attempt = { at, outcome: 'FAILED', detail };
  if (attempted >= maxAttempts) return { attempt, next: givenUp, outcome: 'exhausted' };
  const backoff = Math.min(MAX_RETRY_MS, firstRetryMs * FACTOR ** (attempted - 1));
  // Spread out, so that what failed together does not come back together.
  const wait = Math.max(backoff * (0.75 + Math.random() / 2), failure instanceof RetryLater ? failure.afterMs : 0);
  const dueAt = new Date(Date.now() + wait).toISOString();
  return { attempt, next: { status: 'PENDING', dueAt }, outcome: 'failed' };
}

/** For the user, who may read it: storable, and of bounded length. */
function detailOf(failure: Error): string {
  return failure.message.replaceAll('\u0000', '').slice(0, MAX_DETAIL).toWellFormed();
}

/** A push subscription that has expired goes; a webhook that is gone stays, disabled, for its user to see. */
async function dropTarget(context: SendContext, { channel, targetId, ownerId }: Delivery): Promise<void> {
  await changeRecipient(context, { ownerId }, (recipient, now) => {
    if (channel === 'WEB_PUSH') {
      const rest = recipient.pushSubscriptions.filter(({ id }) => id !== targetId);
      return { recipient: { ...recipient, pushSubscriptions: rest }, answer: null };
    }
    const webhooks = recipient.webhooks.map((one) =>
      one.id === targetId ? { ...one, disabledAt: one.disabledAt ?? now.toISOString() } : one,
    );
    return { recipient: { ...recipient, webhooks }, answer: null };
  });
}
