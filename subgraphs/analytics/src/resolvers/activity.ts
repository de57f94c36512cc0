import { badInput, requireIdentity } from '@todo/service/errors';
import { DailyActivityRow } from '../entity.ts';
import type { UserResolvers } from '../generated/resolvers.ts';

const MAX_DAYS = 366;
const DAY_MS = 24 * 60 * 60 * 1000;

/** A user's last days in UTC, today first. They are for that user alone: the reference itself proves nothing. */
export const activity: UserResolvers['activity'] = async (user, { days }, context) => {
  const { sub: ownerId } = requireIdentity(context);
  if (days < 1 || days > MAX_DAYS) {
    const message = `must be 1 to ${MAX_DAYS}`;
    throw badInput(`days: ${message}`, [{ field: 'days', message }]);
  }
  if (user.id !== ownerId) return [];
  const now = Date.now();
  const wanted = Array.from({ length: days }, (_, i) => new Date(now - i * DAY_MS).toISOString().slice(0, 10));
  const rows = await context.orm.em
    .fork()
    .find(DailyActivityRow, { ownerId, day: { $gte: wanted.at(-1) as string, $lte: wanted[0] as string } });
  const byDay = new Map(rows.map((row) => [row.day, row]));
  return wanted.map((day) => ({
    day,
    created: byDay.get(day)?.created ?? 0,
    completed: byDay.get(day)?.completed ?? 0,
  }));
};
