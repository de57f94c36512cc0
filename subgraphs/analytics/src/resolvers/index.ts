import { CalendarDate, DateTime } from '@todo/service/scalars';
import type { Resolvers } from '../generated/resolvers.ts';
import { activity } from './activity.ts';
import { history } from './history.ts';
import { organizationReport, report, reportTypes } from './report.ts';
import { streaks } from './streaks.ts';

export const resolvers: Resolvers = {
  DateTime,
  Date: CalendarDate,
  Query: { organizationReport },
  User: {
    __resolveReference: ({ id }) => ({ id }),
    activity,
    report,
    streaks,
  },
  Task: {
    __resolveReference: ({ id }) => ({ id }),
    history,
  },
  ...reportTypes,
};
