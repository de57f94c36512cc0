import { conflict, requireIdentity } from '@todo/service/errors';
import { onceOf } from '@todo/service/idempotency';
import type { MutationResolvers, UserResolvers } from '../generated/resolvers.ts';
import { changeRecipient } from '../recipient/change-recipient.ts';
import { contactsOf } from '../recipient/contacts.ts';
import { changePreferences, defaultPreferences } from '../recipient/preferences.ts';
import { digestsOf } from '../recipient/recipient.ts';

/** They are for the user alone: null for anybody else. */
export const notificationPreferences: UserResolvers['notificationPreferences'] = async (user, _args, context) => {
  if (user.id !== requireIdentity(context).sub) return null;
  return (await context.recipient())?.preferences ?? defaultPreferences;
};

export const updateNotificationPreferences: MutationResolvers['updateNotificationPreferences'] = (
  _,
  args,
  context,
  info,
) => {
  const identity = requireIdentity(context);
  const once = onceOf(context, args, info);
  return changeRecipient(context, { ownerId: identity.sub, once }, (recipient, now) => {
    const { version } = recipient.preferences;
    if (args.expectedVersion != null && args.expectedVersion !== version)
      throw conflict(`your preferences have version ${version}, not ${args.expectedVersion}: read them again`, {
        currentVersion: version,
      });
    const preferences = changePreferences(recipient.preferences, args.input, context.channels);
    const contacts = contactsOf(identity, recipient, preferences);
    const digests = digestsOf(recipient, preferences, now);
    return { recipient: { ...recipient, ...contacts, preferences, digests }, answer: preferences };
  });
};
