import { badInput, requireIdentity, requireScope } from '@todo/service/errors';
import type { QueryResolvers, Resolvers, UserResolvers } from '../generated/resolvers.ts';
import { ORGANIZATION, sumOf } from '../report/figures.ts';
import { quantiles } from '../report/histogram.ts';
import { rangeOf } from '../report/range.ts';
import { openReport } from '../report/report.ts';
import { asksFor } from './selection.ts';

const ADMIN_SCOPE = 'admin';
const MAX_TAGS = 100;
const PRIORITIES = ['URGENT', 'HIGH', 'NORMAL', 'LOW'] as const;

/** A user's report, for that user alone: the reference itself proves nothing. */
export const report: UserResolvers['report'] = async (user, args, context) => {
  const { sub: ownerId } = requireIdentity(context);
  const range = rangeOf(args);
  return user.id === ownerId ? openReport(context.reader, ownerId, range) : null;
};

/** The gateway sees to the scope; so does whoever asks without one. */
export const organizationReport: NonNullable<QueryResolvers['organizationReport']> = async (_, args, context) => {
  requireScope(context, ADMIN_SCOPE);
  return openReport(context.reader, ORGANIZATION, rangeOf({ ...args, timeZone: 'UTC' }));
};

type ReportResolvers = NonNullable<Resolvers['Report']>;

const total: ReportResolvers['total'] = (one, _args, _context, info) => one.total(asksFor(info, 'timeToComplete'));

const periods: ReportResolvers['periods'] = async (one, _args, _context, info) => {
  const figures = await one.figures(asksFor(info, 'timeToComplete'));
  return one.periods.map((period, i) => ({ ...period, figures: figures[i] as (typeof figures)[number] }));
};

const byPriority: ReportResolvers['byPriority'] = async (one) => {
  const known = new Map((await one.byPriority()).map((row) => [row.value, row]));
  return PRIORITIES.map((value) => known.get(value) ?? { ...sumOf([]), value });
};

const completionRate = ({ created, done }: { created: number; done: number }): number | null =>
  created === 0 ? null : done / created;

/** Fields of reports: each reads what it needs when it is asked for; of times, what is asked for of it is seen ahead. */
export const reportTypes = {
  Report: {
    total,
    periods,
    byPriority,
    byTag: (one, { first }) => {
      const message = `must be 1 to ${MAX_TAGS}`;
      if (first < 1 || first > MAX_TAGS) throw badInput(`first: ${message}`, [{ field: 'first', message }]);
      return one.byTag(first);
    },
  },
  OrganizationReport: { total, periods, byPriority },
  ReportFigures: {
    completionRate,
    timeToComplete: ({ times }) => {
      const [p50, p90, p99] = quantiles(times ?? [], [0.5, 0.9, 0.99]) ?? [];
      return p50 === undefined || p90 === undefined || p99 === undefined ? null : { p50, p90, p99 };
    },
  },
  ReportFiguresOfPriority: { priority: ({ value }) => value as (typeof PRIORITIES)[number], completionRate },
  ReportFiguresOfTag: { tag: ({ value }) => value, completionRate },
} satisfies Resolvers;
