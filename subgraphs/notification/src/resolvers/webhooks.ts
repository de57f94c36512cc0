import { randomBytes } from 'node:crypto';
import { notFound, requireIdentity, wrongField } from '@todo/service/errors';
import { onceOf } from '@todo/service/idempotency';
import { v7 as uuidv7 } from 'uuid';
import { checkAddress } from '../channels/addresses.ts';
import type { MutationResolvers, UserResolvers } from '../generated/resolvers.ts';
import { changeRecipient } from '../recipient/change-recipient.ts';
import { MAX_WEBHOOKS, type WebhookEndpoint } from '../recipient/recipient.ts';

/** 24 bytes, as Standard Webhooks has them. */
const newSecret = (): string => `whsec_${randomBytes(24).toString('base64')}`;

export const webhooks: UserResolvers['webhooks'] = async (user, _args, context) =>
  user.id === requireIdentity(context).sub ? ((await context.recipient())?.webhooks ?? []) : [];

export const addWebhook: MutationResolvers['addWebhook'] = async (_, args, context, info) => {
  const { sub: ownerId } = requireIdentity(context);
  const url = await checkAddress(args.url, 'url', context.addresses);
  return changeRecipient(context, { ownerId, once: onceOf(context, args, info) }, (recipient, now) => {
    if (recipient.webhooks.length >= MAX_WEBHOOKS)
      throw wrongField('url', `there are ${MAX_WEBHOOKS} webhooks: remove one first`);
    const webhook: WebhookEndpoint = {
      id: uuidv7(),
      url,
      secret: newSecret(),
      createdAt: now.toISOString(),
      disabledAt: null,
    };
    const answer = { webhook, secret: webhook.secret };
    return { recipient: { ...recipient, webhooks: [...recipient.webhooks, webhook] }, answer };
  });
};

export const renewWebhookSecret: MutationResolvers['renewWebhookSecret'] = (_, args, context, info) => {
  const { sub: ownerId } = requireIdentity(context);
  return changeRecipient(context, { ownerId, once: onceOf(context, args, info) }, (recipient) => {
    const known = recipient.webhooks.find(({ id }) => id === args.id);
    if (!known) throw notFound(`there is no webhook ${args.id}`);
    const webhook: WebhookEndpoint = { ...known, secret: newSecret(), disabledAt: null };
    const all = recipient.webhooks.map((one) => (one === known ? webhook : one));
    return { recipient: { ...recipient, webhooks: all }, answer: { webhook, secret: webhook.secret } };
  });
};

export const removeWebhook: MutationResolvers['removeWebhook'] = (_, args, context, info) => {
  const { sub: ownerId } = requireIdentity(context);
  return changeRecipient(context, { ownerId, once: onceOf(context, args, info) }, (recipient) => {
    const rest = recipient.webhooks.filter(({ id }) => id !== args.id);
    if (rest.length === recipient.webhooks.length) throw notFound(`there is no webhook ${args.id}`);
    return { recipient: { ...recipient, webhooks: rest }, answer: { id: args.id } };
  });
};
