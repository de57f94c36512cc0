import { notFound, requireIdentity } from '@todo/service/errors';
import { onceOf } from '@todo/service/idempotency';
import { changeReminders } from '../change-reminders.ts';
import type { MutationResolvers } from '../generated/resolvers.ts';
import { newRevision, type Reminder } from '../reminder.ts';
import { mustBeOpen, oneOf, visible, wrong } from './reminder-input.ts';

export const snoozeReminder: MutationResolvers['snoozeReminder'] = async (_, args, context, info) => {
  const { sub: ownerId } = requireIdentity(context);
  const { taskId, id } = args;
  oneOf(args, 'until', 'by');
  if (args.by != null && args.by <= 0) throw wrong('by', 'must be longer than nothing');
  return changeReminders(context, { taskId, ownerId, once: onceOf(context, args, info) }, (task, now) => {
    mustBeOpen(task);
    const reminder = task.reminders.find((one) => one.id === id && visible(task, one));
    if (!reminder) throw notFound(`task ${taskId} has no reminder ${id}`);
    const answer = {
      ...reminder,
      at: laterTime(reminder, args, now),
      snoozedFrom: reminder.snoozedFrom ?? reminder.at,
      revision: newRevision(),
      sendingSince: null,
      firedAt: null,
    };
    return { reminders: task.reminders.map((one) => (one === reminder ? answer : one)), answer };
  });
};

function laterTime({ at }: Reminder, { until, by }: { until?: string | null; by?: number | null }, now: Date): string {
  if (until != null) {
    if (until <= now.toISOString()) throw wrong('until', 'must be a time to come');
    return until;
  }
  const from = Math.max(now.getTime(), at === null ? 0 : Date.parse(at));
  return new Date(from + (by ?? 0)).toISOString();
}
