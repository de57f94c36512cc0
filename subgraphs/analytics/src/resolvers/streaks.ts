import { requireIdentity } from '@todo/service/errors';
import type { UserResolvers } from '../generated/resolvers.ts';
import { countsByPeriod } from '../report/figures.ts';
import { lastDays } from '../report/range.ts';
import { streaksOf } from '../report/streaks.ts';

const DAYS = 400;

/** A user's streaks, for that user alone: the reference itself proves nothing. */
export const streaks: UserResolvers['streaks'] = async (user, { timeZone }, { reader, identity }) => {
  const { sub: ownerId } = requireIdentity({ identity });
  const range = lastDays(DAYS, timeZone);
  if (user.id !== ownerId) return null;
  const counts = await countsByPeriod({ reader, ownerId, range });
  const active = counts.flatMap((ofDay, day) => (ofDay.completed > 0 ? [day] : []));
  return streaksOf(active, DAYS - 1);
};
