import { createHash } from 'node:crypto';
import { nextDigest, type Frequency } from './local-times.ts';
import { defaultPreferences, everyKind, type Preferences } from './preferences.ts';

/** A user's webhook. */
export type WebhookEndpoint = {
  id: string;
  url: string;
  /** As Standard Webhooks has it: whsec_ and base64. */
  secret: string;
  createdAt: string;
  disabledAt: string | null;
};

/** A browser's subscription to web push. */
export type PushEndpoint = { id: string; endpoint: string; p256dh: string; auth: string; createdAt: string };

/** When a digest is sent next, what it begins behind, and since when it gathers nothing more, where it is turned off. */
export type DigestPeriod = { since: string; nextAt: string; offAt?: string };

/** What is known of a user who is told of something beside the feed: one document, under `recipient-<print of the id>`. */
export type Recipient = {
  ownerId: string;
  /** From the user's token: null where it was never needed. */
  email: string | null;
  phone: string | null;
  /** When the token was issued that said so last, in seconds: one that was issued before tells nothing new. */
  contactsAt?: number;
  preferences: Preferences;
  webhooks: WebhookEndpoint[];
  pushSubscriptions: PushEndpoint[];
  digests: Partial<Record<Frequency, DigestPeriod>>;
};

export const MAX_WEBHOOKS = 5;
export const MAX_PUSH_SUBSCRIPTIONS = 10;

/** A user's id may hold what keys may not. */
export const recipientKey = (ownerId: string): string =>
  `recipient-${createHash('sha256').update(ownerId).digest('base64url')}`;

export const newRecipient = (ownerId: string): Recipient => ({
  ownerId,
  email: null,
  phone: null,
  preferences: defaultPreferences,
  webhooks: [],
  pushSubscriptions: [],
  digests: {},
});

const FREQUENCIES = ['DAILY', 'WEEKLY'] as const;

/** Whether a digest gathers anything from now on. */
export const isWanted = (frequency: Frequency, preferences: Preferences): boolean =>
  everyKind(preferences).some(({ digest, channels }) => digest === frequency && channels.length > 0);

/** What is recorded by the database's clock may be said to be this much earlier. */
export const CLOCK_MARGIN_MS = 2 * 60_000;

/**
 * The digests after a change of preferences: one that is turned off still tells what it has gathered by now, and one that
 * is due stays due.
 */
export function digestsOf(recipient: Recipient, preferences: Preferences, now: Date): Recipient['digests'] {
  const digests: Recipient['digests'] = {};
  for (const frequency of FREQUENCIES) {
    const known = recipient.digests[frequency];
    if (isWanted(frequency, preferences)) {
      const isDue = known && Date.parse(known.nextAt) <= now.getTime();
      digests[frequency] = {
        since: known?.since ?? new Date(now.getTime() - CLOCK_MARGIN_MS).toISOString(),
        nextAt: isDue ? known.nextAt : nextDigest(frequency, now, preferences),
      };
    } else if (known) digests[frequency] = { offAt: now.toISOString(), ...known };
  }
  return digests;
}
