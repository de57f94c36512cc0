import { DateTime } from '@todo/service/scalars';
import type { Resolvers } from '../generated/resolvers.ts';

export const resolvers: Resolvers = {
  DateTime,
  Task: {
    __resolveReference: ({ id }) => ({ id }),
    reminders: async ({ id }, _args, context) => {
      const known = await context.taskReminders.load(id);
      return [...(known?.reminders ?? [])].sort((a, b) => a.at.localeCompare(b.at));
    },
  },
};
