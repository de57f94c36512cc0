import { conflict, notFound, requireIdentity } from '@todo/service/errors';
import { onceOf } from '@todo/service/idempotency';
import { changeReminders } from '../change-reminders.ts';
import type { MutationResolvers } from '../generated/resolvers.ts';
import { visible } from './reminder-input.ts';

export const cancelReminder: MutationResolvers['cancelReminder'] = async (_, args, context, info) => {
  const { sub: ownerId } = requireIdentity(context);
  const { taskId, id } = args;
  return changeReminders(context, { taskId, ownerId, once: onceOf(context, args, info) }, (task) => {
    const { reminders } = task;
    const answer = reminders.find((reminder) => reminder.id === id && visible(task, reminder));
    if (!answer) throw notFound(`task ${taskId} has no reminder ${id}`);
    if (answer.firedAt !== null) throw conflict(`reminder ${id} was sent at ${answer.firedAt}`);
    return {
      // An automatic one would come again with the next change of the task, were it not remembered.
      reminders: answer.automatic
        ? reminders.map((one) => (one === answer ? { ...one, cancelled: true } : one))
        : reminders.filter((one) => one !== answer),
      answer,
    };
  });
};
