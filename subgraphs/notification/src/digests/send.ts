import { StaleState, type Versioned } from '@todo/service/state';
import type { AppContext } from '../context.ts';
import type { Delivery } from '../deliveries/delivery.ts';
import { deliveriesOver, logged } from '../deliveries/plan.ts';
import type { Channel } from '../generated/resolvers.ts';
import { metrics } from '../metrics.ts';
import { type Frequency, nextDigest } from '../recipient/local-times.ts';
import { everyKind } from '../recipient/preferences.ts';
import { CLOCK_MARGIN_MS, type DigestPeriod, isWanted, type Recipient } from '../recipient/recipient.ts';
import { gathered, settledUntil } from './read.ts';

/**
 * Puts a recipient's digests that are due into the log of deliveries, and moves their periods on: one state transaction, so
 * that each is sent once.
 */
export async function sendDigests(context: Pick<AppContext, 'state' | 'orm' | 'workers'>, key: string): Promise<void> {
  const known = (await context.state.get(key)) as Versioned<Recipient> | undefined;
  if (!known) return;
  const now = new Date();
  const until = await settledUntil(context.orm);
  const digests = { ...known.value.digests };
  const deliveries: Delivery[] = [];
  for (const [frequency, period] of Object.entries(digests) as [Frequency, DigestPeriod][]) {
    if (Date.parse(period.nextAt) > now.getTime()) continue;
    const digest = await digestOf(context, known.value, frequency, period, until, now);
    deliveries.push(...digest);
    // Where the digest is due within two minutes of the last, nothing moves back.
    const since = until > period.since ? until : period.since;
    const next = { since, nextAt: nextDigest(frequency, now, known.value.preferences) };
    if (isWanted(frequency, known.value.preferences)) digests[frequency] = next;
    else if (hasToldAll(period, until)) delete digests[frequency];
    else digests[frequency] = { ...next, offAt: period.offAt ?? now.toISOString() };
  }
  try {
    await context.state.transact([
      { op: 'replace', key, value: { ...known.value, digests }, etag: known.etag },
      ...logged(deliveries),
    ]);
  } catch (error) {
    if (error instanceof StaleState) return; // it was sent, or the settings changed: what is still due comes again
    throw error;
  }
  metrics.digests.inc({ outcome: deliveries.length > 0 ? 'sent' : 'empty' });
  if (deliveries.length > 0) context.workers.nudge();
}

/** Whether a digest that is turned off has told what was gathered before, by whoever did not know of it yet. */
const hasToldAll = ({ offAt }: DigestPeriod, until: string): boolean =>
  offAt !== undefined && Date.parse(until) >= Date.parse(offAt) + CLOCK_MARGIN_MS;

/** One digest for each channel, of what was gathered of the kinds that go there now. */
async function digestOf(
  { orm }: Pick<AppContext, 'orm'>,
  recipient: Recipient,
  frequency: Frequency,
  { since }: DigestPeriod,
  until: string,
  now: Date,
): Promise<Delivery[]> {
  const kinds = everyKind(recipient.preferences);
  const channels = [...new Set(kinds.flatMap((kind) => kind.channels))];
  const digests = await Promise.all(
    channels.map(async (channel: Channel) => {
      const told = kinds.filter((kind) => kind.channels.includes(channel)).map(({ kind }) => kind);
      const { count, items } = await gathered(orm, {
        ownerId: recipient.ownerId,
        frequency,
        kinds: told,
        since,
        until,
      });
      return count === 0 ? [] : deliveriesOver(recipient, [channel], { type: 'digest', items, count }, now);
    }),
  );
  return digests.flat();
}
