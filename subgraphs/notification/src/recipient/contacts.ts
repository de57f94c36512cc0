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

/**
 * A user's addresses, from the token: nobody can have messages sent to an address that the identity provider does not know.
 * Those that the token does not tell stay as they are known.
 * @throws BAD_USER_INPUT where the preferences need one that is neither known nor told
 */
export function contactsOf(
  identity: Identity,
  known: Pick<Recipient, 'email' | 'phone'>,
  preferences: Preferences,
): Pick<Recipient, 'email' | 'phone'> {
  const contacts = { email: known.email, phone: known.phone };
  for (const { field, value, verified, schema } of Object.values(claims)) {
    const told = schema.safeParse(identity.claims[value]);
    // Some issuers say it in text.
    const isUnverified = String(identity.claims[verified]).toLowerCase() === 'false';
    if (told.success && !isUnverified) contacts[field] = told.data;
  }
  const needs = (channel: Channel) => everyKind(preferences).some(({ channels }) => channels.includes(channel));
  for (const channel of ['EMAIL', 'SMS'] as const) {
    const { field, value } = claims[channel];
    if (contacts[field] !== null || !needs(channel)) continue;
    const message = `${channel} needs a token whose ${value} is an address that is not said to be unverified`;
    throw badInput(`kinds: ${message}`, [{ field: 'kinds', message }]);
  }
  return contacts;
}
