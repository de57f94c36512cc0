import type { Documents } from '@todo/service/documents';
import { hourOf, SHARDS } from '../hints.ts';

/** An hour's documents are looked at in so many steps: what one run does not get to, the next begins with. */
export const STEPS_PER_HOUR = 8;
export const SHARDS_PER_STEP = SHARDS / STEPS_PER_HOUR;

/** How far the reconciler looks ahead: a job that is lost is put right at least so long before its time. */
const AHEAD_HOURS = 24;
/** Where it begins when nothing is known of an earlier run. */
const BACK_HOURS = 24;

/** Where the walk over the hours is, in steps: of an hour, so many thousands of hours since 1970. */
export type Progress = {
  /** Where a whole walk begins: the first hour in which a reminder may still be to come. */
  from: number;
  /** The next step. */
  next: number;
  /** The first hour of this walk in which reminders were still to come after their time. */
  overdue: number | null;
};

const KEY = 'reconciler';

export const lastStep = (now: number): number => (hourOf(now) + AHEAD_HOURS + 1) * STEPS_PER_HOUR - 1;

export async function readProgress(documents: Documents, now: number): Promise<Progress> {
  const known = await documents.get<Progress>(KEY);
  const from = hourOf(now) - BACK_HOURS;
  return known?.value ?? { from, next: from * STEPS_PER_HOUR, overdue: null };
}

/** Only who holds the lease writes it: where two do for once, hours are looked at again. @throws StaleState */
export async function writeProgress(documents: Documents, value: Progress): Promise<void> {
  const known = await documents.get<Progress>(KEY);
  await documents.save(
    known ? { op: 'replace', key: KEY, value, etag: known.etag } : { op: 'create', key: KEY, value },
  );
}

/** The beginning of another walk: the hour before this one, or the first in which something was left over. */
export function nextWalk({ overdue }: Progress, startedAt: number): Progress {
  const from = Math.min(hourOf(startedAt) - 1, overdue ?? Number.POSITIVE_INFINITY);
  return { from, next: from * STEPS_PER_HOUR, overdue: null };
}
