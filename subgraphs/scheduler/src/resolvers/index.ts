import { DateTime, Duration } from '@todo/service/scalars';
import type { Resolvers } from '../generated/resolvers.ts';
import { addReminder } from './add-reminder.ts';
import { cancelReminder } from './cancel-reminder.ts';
import { clearRecurrence } from './clear-recurrence.ts';
import { previewRecurrence } from './preview-recurrence.ts';
import { visible } from './reminder-input.ts';
import { setRecurrence } from './set-recurrence.ts';
import { skipOccurrence } from './skip-occurrence.ts';
import { snoozeReminder } from './snooze-reminder.ts';
import { upcomingReminders } from './upcoming-reminders.ts';

export const resolvers: Resolvers = {
  DateTime,
  Duration,
  Query: { previewRecurrence },
  Mutation: { addReminder, cancelReminder, snoozeReminder, setRecurrence, clearRecurrence, skipOccurrence },
  User: {
    __resolveReference: ({ id }) => ({ id }),
    upcomingReminders,
  },
  Task: {
    __resolveReference: ({ id }) => ({ id }),
    reminders: async ({ id: taskId }, _args, context) => {
      const known = await context.schedules.load(taskId);
      const reminders = known?.reminders.filter((reminder) => visible(known, reminder)) ?? [];
      return reminders.map((reminder) => ({ ...reminder, taskId })).sort((a, b) => byTime(a.at, b.at));
    },
    recurrence: ({ id }, _args, context) => context.recurrences.load(id),
  },
  Recurrence: {
    id: ({ seriesId }) => seriesId,
    date: ({ place }) => place.date,
    task: ({ taskId }) => ({ id: taskId }),
  },
  Reminder: {
    before: ({ beforeMs }) => beforeMs,
    task: ({ taskId }) => ({ id: taskId }),
  },
};

/** Those without a time last. */
const byTime = (a: string | null, b: string | null): number => Date.parse(a ?? LAST) - Date.parse(b ?? LAST);
const LAST = '+275760-09-13T00:00:00.000Z';
