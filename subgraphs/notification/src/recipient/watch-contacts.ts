import type { Identity } from '@todo/service/identity';
import type { Stop } from '@todo/service/shutdown';
import type { AppContext } from '../context.ts';
import { changeRecipient } from './change-recipient.ts';
import { issuedAt, toldBy } from './contacts.ts';
import type { Recipient } from './recipient.ts';

/** Users whose latest addresses are remembered: those that were looked at longest ago go first. */
const MAX_KNOWN = 10_000;
/** What is looked at is at most this much: of others the next request tells. */
const AT_ONCE = 16;

export type ContactWatch = {
  /** Takes up what a caller's token says of the caller's addresses. It keeps no request waiting. */
  seen(identity: Identity | undefined): void;
  /** Resolves once what was begun is done. */
  stop: Stop;
};

/**
 * Keeps the addresses of users who have messages sent there as their tokens say: an address that was changed at the identity
 * provider counts from the first request with a token that has it. One look at the state for each user, replica and address.
 */
export function watchContacts(context: Pick<AppContext, 'state' | 'logger'>): ContactWatch {
  const known = new Map<string, string>();
  const underWay = new Set<Promise<void>>();

  async function takeUp(identity: Identity): Promise<void> {
    const told = toldBy(identity);
    const at = issuedAt(identity);
    await changeRecipient(context, { ownerId: identity.sub }, (recipient) => {
      const { email, phone, contactsAt = 0 } = recipient;
      // What was never needed stays unknown.
      const next = { email: email && (told.email ?? email), phone: phone && (told.phone ?? phone) };
      const isNew = at >= contactsAt && (next.email !== email || next.phone !== phone);
      const changed: Recipient = isNew ? { ...recipient, ...next, contactsAt: at } : recipient;
      return { recipient: changed, answer: undefined };
    });
  }

  return {
    seen(identity) {
      if (!identity) return;
      const { sub } = identity;
      const told = JSON.stringify(toldBy(identity));
      if (told === '{}' || known.get(sub) === told || underWay.size >= AT_ONCE) return;
      known.delete(sub);
      known.set(sub, told);
      const [oldest] = known.keys();
      if (known.size > MAX_KNOWN && oldest !== undefined) known.delete(oldest);
      const work = takeUp(identity)
        .catch((error: unknown) => {
          // The next request tells it again.
          known.delete(sub);
          context.logger.warn({ err: error }, "a user's addresses could not be looked at");
        })
        .finally(() => underWay.delete(work));
      underWay.add(work);
    },
    async stop() {
      await Promise.all(underWay);
    },
  };
}
