import { badInput, requireIdentity } from '@todo/service/errors';
import type { UserResolvers } from '../generated/resolvers.ts';
import { countsByPeriod } from '../report/figures.ts';
import { lastDays } from '../report/range.ts';

const MAX_DAYS = 366;

/** A user's last days in UTC, today first. They are for that user alone: the reference itself proves nothing. */
export const activity: UserResolvers['activity'] = async (user, { days }, { reader, identity }) => {
  const { sub: ownerId } = requireIdentity({ identity });
  if (days < 1 || days > MAX_DAYS) {
    const message = `must be 1 to ${MAX_DAYS}`;
    throw badInput(`days: ${message}`, [{ field: 'days', message }]);
  }
  if (user.id !== ownerId) return [];
  const range = lastDays(days, 'UTC');
  const counts = await countsByPeriod({ reader, ownerId, range });
  return range.periods.map(({ from: day }, i) => ({ day, ...(counts[i] as (typeof counts)[number]) })).reverse();
};
