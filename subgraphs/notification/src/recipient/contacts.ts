import { badInput } from '@todo/service/errors';
import type { Identity } from '@todo/service/identity';
import { z } from 'zod';
import type { Channel } from '../generated/resolvers.ts';
import { type Preferences, everyKind } from './preferences.ts';
import type { Recipient } from './recipient.ts';

/** Claims of OpenID Connect (Core 1.0, section 5.1) that say where a user is reached. */
const claims = {
  EMAIL: { field: 'email', value: 'email', verified: 'email_verified', schema: z.email().max(254) },
  SMS: {
    field: 'phone',
    value: 'phone_number',
    verified: 'phone_number_verified',
    schema: z.string().regex(/^\+[1-9]\d{6,14}$/),
  },
} as const;

/** Where a user is reached, and when the token was issued that said so last, in seconds (RFC 7519, 4.1.6). */
export type Contacts = Pick<Recipient, 'email' | 'phone' | 'contactsAt'>;

/** The addresses that a token tells, but for those that it says are unverified. */
export function toldBy(identity: Identity): Partial<Record<'email' | 'phone', string>> {
  const told: Partial<Record<'email' | 'phone', string>> = {};
  for (const { field, value, verified, schema } of Object.values(claims)) {
    const address = schema.safeParse(identity.claims[value]);
    // Some issuers say it in text.
    const isUnverified = String(identity.claims[verified]).toLowerCase() === 'false';
    if (address.success && !isUnverified) told[field] = address.data;
  }
  return told;
}

/** When a token was issued: now, where it does not say. */
export function issuedAt({ claims: { iat } }: Identity): number {
  return typeof iat === 'number' && Number.isFinite(iat) ? iat : Math.floor(Date.now() / 1000);
}

/**
 * A user's addresses, from the token: nobody can have messages sent to an address that the identity provider does not know.
 * Those that the token does not tell stay as they are known, and so do all where a later token told them.
 * @throws BAD_USER_INPUT where the preferences need one that is neither known nor told
 */
export function contactsOf(identity: Identity, known: Contacts, preferences: Preferences): Contacts {
  const { email, phone, contactsAt = 0 } = known;
  const told = toldBy(identity);
  const at = issuedAt(identity);
  const contacts =
    at < contactsAt
      ? { email: email ?? told.email ?? null, phone: phone ?? told.phone ?? null, contactsAt }
      : { email: told.email ?? email, phone: told.phone ?? phone, contactsAt: at };
  const needs = (channel: Channel) => everyKind(preferences).some(({ channels }) => channels.includes(channel));
  for (const channel of ['EMAIL', 'SMS'] as const) {
    const { field, value } = claims[channel];
    if (contacts[field] !== null || !needs(channel)) continue;
    const message = `${channel} needs a token whose ${value} is an address that is not said to be unverified`;
    throw badInput(`kinds: ${message}`, [{ field: 'kinds', message }]);
  }
  return contacts;
}
