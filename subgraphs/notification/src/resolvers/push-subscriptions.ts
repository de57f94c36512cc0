import { notFound, parseInput, requireIdentity, wrongField } from '@todo/service/errors';
import { onceOf } from '@todo/service/idempotency';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { checkAddress } from '../channels/addresses.ts';
import type { MutationResolvers, UserResolvers } from '../generated/resolvers.ts';
import { changeRecipient } from '../recipient/change-recipient.ts';
import { isPoint } from '../recipient/point.ts';
import { MAX_PUSH_SUBSCRIPTIONS, type PushEndpoint } from '../recipient/recipient.ts';

const subscriptionInput = z.object({
  endpoint: z.string(),
  p256dh: z.string().refine(isPoint, 'must be an uncompressed point of P-256, base64url'),
  auth: z.string().regex(/^[A-Za-z0-9_-]{22}={0,2}$/, 'must be 16 bytes, base64url'),
});

export const pushSubscriptions: UserResolvers['pushSubscriptions'] = async (user, _args, context) =>
  user.id === requireIdentity(context).sub ? ((await context.recipient())?.pushSubscriptions ?? []) : [];

export const addPushSubscription: MutationResolvers['addPushSubscription'] = async (_, args, context, info) => {
  const { sub: ownerId } = requireIdentity(context);
  if (!context.channels.has('WEB_PUSH')) throw wrongField('endpoint', 'WEB_PUSH is not set up on this server');
  const { endpoint: given, ...keys } = parseInput(subscriptionInput, args.input);
  const endpoint = await checkAddress(given, 'endpoint', context.addresses);
  return changeRecipient(context, { ownerId, once: onceOf(context, args, info) }, (recipient, now) => {
    const known = recipient.pushSubscriptions.find((one) => one.endpoint === endpoint);
    const rest = recipient.pushSubscriptions.filter((one) => one !== known);
    if (rest.length >= MAX_PUSH_SUBSCRIPTIONS)
      throw wrongField('endpoint', `there are ${MAX_PUSH_SUBSCRIPTIONS} push subscriptions: remove one first`);
    const added: PushEndpoint = { id: known?.id ?? uuidv7(), endpoint, ...keys, createdAt: now.toISOString() };
    return { recipient: { ...recipient, pushSubscriptions: [...rest, added] }, answer: added };
  });
};

export const removePushSubscription: MutationResolvers['removePushSubscription'] = (_, args, context, info) => {
  const { sub: ownerId } = requireIdentity(context);
  return changeRecipient(context, { ownerId, once: onceOf(context, args, info) }, (recipient) => {
    const rest = recipient.pushSubscriptions.filter(({ id }) => id !== args.id);
    if (rest.length === recipient.pushSubscriptions.length) throw notFound(`there is no push subscription ${args.id}`);
    return { recipient: { ...recipient, pushSubscriptions: rest }, answer: { id: args.id } };
  });
};
