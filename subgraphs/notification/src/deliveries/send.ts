import { type Channel, Gone, MaybeSent } from '../channels/channel.ts';
import type { AppContext } from '../context.ts';
import { metrics } from '../metrics.ts';
import { changeRecipient } from '../recipient/change-recipient.ts';
import { newRecipient, type Recipient, recipientKey } from '../recipient/recipient.ts';
import { type Lease, settle, until } from './claim.ts';
import type { Circuits } from './circuits.ts';
import { type Delivery, withAttempt } from './delivery.ts';
import { isAnswer, outcomeOf, type RetryPolicy } from './outcome.ts';
import { heldUntil } from './plan.ts';

type SendContext = Pick<AppContext, 'state' | 'logger'>;

/** How long before the last moment to send something is written no more, and its recipient not looked for. */
const WRITE_MS = 20_000;
/** What could not be sent for three days is of no use any more. */
const MAX_AGE_MS = 3 * 24 * 60 * 60 * 1000;
/** How long after the signal a channel may take to end. */
const HEED_MS = 500;

/**
 * Sends a delivery that was claimed, and writes down what became of it: again and again while it is this replica's.
 * @param sending.stopping ends what is under way
 */
export async function sendDelivery(
  context: SendContext,
  sending: { channel: Channel; circuits: Circuits; policy: RetryPolicy; stopping: AbortSignal },
  lease: Lease,
): Promise<void> {
  const { channel, circuits, policy } = sending;
  const delivery = lease.begun;
  const isUnknown = delivery.attempts.at(-1)?.outcome === 'UNKNOWN';
  const isOld = Date.now() - Date.parse(delivery.sendAt) > MAX_AGE_MS;
  if (isOld || delivery.attempted > policy.maxAttempts || (isUnknown && channel.neverTwice)) {
    // It waited too long, senders ended over it again and again, or one did that may have sent it.
    await settle(context.state, lease, (known) => ({ ...known, status: 'FAILED', dueAt: null }));
    metrics.deliveries.inc({ channel: channel.name, outcome: 'exhausted' });
    return;
  }
  const read = () => context.state.get(recipientKey(delivery.ownerId));
  const found = await until(lease.until - channel.timeoutMs - WRITE_MS, read).catch(async (error: unknown) => {
    // Nothing was sent: it must not look as if it may have been.
    await putOff(context, lease, { dueAt: new Date().toISOString() });
    throw error;
  });
  const recipient = (found?.value ?? newRecipient(delivery.ownerId)) as Recipient;
  // Quiet hours may have begun since it was logged, or since it failed.
  const held = heldUntil(recipient, delivery.content, new Date());
  if (held !== undefined) return putOff(context, lease, { dueAt: held, sendAt: held }, 'quiet');
  const circuit = channel.circuitOf(delivery);
  if (!circuits.enter(circuit)) {
    const wait = Math.max(1_000, circuits.waitOf(circuit));
    return putOff(context, lease, { dueAt: new Date(Date.now() + wait).toISOString() }, 'withheld');
  }
  if (isUnknown) metrics.deliveries.inc({ channel: channel.name, outcome: 'repeated' });
  const at = new Date().toISOString();
  const failure = await failureOf(sending, (signal) => channel.send(delivery, recipient, signal));
  // What answers was reached.
  circuits.leave(circuit, failure === undefined || isAnswer(failure));
  const { attempt, next, outcome } = outcomeOf(delivery, at, failure, { ...policy, neverTwice: channel.neverTwice });
  await settle(context.state, lease, (known) => withAttempt(known, attempt, next));
  metrics.deliveries.inc({ channel: channel.name, outcome });
  if (failure === undefined)
    metrics.lateness.observe({ channel: channel.name }, (Date.now() - Date.parse(delivery.sendAt)) / 1000);
  else logFailure(context, delivery, outcome, failure);
  if (failure instanceof Gone) await dropTarget(context, delivery);
}

/** What a server of the operator's has against all is the operator's to mend; what a user's has, or an address, the user's. */
function logFailure({ logger }: SendContext, { id, channel, targetId }: Delivery, outcome: string, err: Error): void {
  const what = { delivery: id, channel, outcome };
  // An answer may hold the address.
  if (targetId !== null || isAnswer(err)) logger.info(what, 'a delivery failed');
  else logger.warn({ ...what, err }, 'a delivery failed: the way to all users may be broken');
}

/** Nothing was sent, so it does not count. */
async function putOff(
  { state }: SendContext,
  lease: Lease,
  times: Pick<Delivery, 'dueAt'> & Partial<Pick<Delivery, 'sendAt'>>,
  outcome?: 'quiet' | 'withheld',
): Promise<void> {
  if (outcome) metrics.deliveries.inc({ channel: lease.begun.channel, outcome });
  await settle(state, lease, (known) => ({
    ...known,
    ...times,
    status: 'PENDING',
    attempted: known.attempted - 1,
  }));
}

/** Gives up what takes longer, or is under way when the sender stops, whether it heeds the signal or not. */
async function failureOf(
  { channel, stopping }: { channel: Channel; stopping: AbortSignal },
  work: (signal: AbortSignal) => Promise<void>,
): Promise<Error | undefined> {
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(channel.timeoutMs)]);
  const late = Promise.withResolvers<never>();
  let timer: NodeJS.Timeout | undefined;
  const onAbort = () => {
    timer = setTimeout(() => late.reject(new MaybeSent('no answer in time')), HEED_MS);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([work(signal), late.promise]);
    return undefined;
  } catch (error) {
    const failure = error as Error;
    if (isAnswer(failure) || !signal.aborted) return failure;
    if (stopping.aborted) return new MaybeSent('the sender was stopped: it may have been sent', { cause: failure });
    return failure.name === 'AbortError' ? new Error('no answer in time', { cause: failure }) : failure;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
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
