import { requireScope } from '@todo/service/errors';
import { onceOf } from '@todo/service/idempotency';
import { findLetter } from '../dead-letters/find.ts';
import { listLetters } from '../dead-letters/list.ts';
import { discard, replay } from '../dead-letters/settle.ts';
import type { MutationResolvers, QueryResolvers } from '../generated/resolvers.ts';

export const deadLetters: QueryResolvers['deadLetters'] = (_, args, context) => {
  requireScope(context, 'admin');
  return listLetters(context, args);
};

export const deadLetter: QueryResolvers['deadLetter'] = async (_, { id }, context) => {
  requireScope(context, 'admin');
  return (await findLetter(context, id)) ?? null;
};

export const replayDeadLetter: MutationResolvers['replayDeadLetter'] = (_, args, context, info) => {
  requireScope(context, 'admin');
  return replay(context, args.id, onceOf(context, args, info));
};

export const discardDeadLetter: MutationResolvers['discardDeadLetter'] = (_, args, context, info) => {
  requireScope(context, 'admin');
  return discard(context, args.id, onceOf(context, args, info));
};
