import { badInput } from '@todo/service/errors';
import { isTimeZone } from '@todo/service/time-zone';
import { Temporal } from 'temporal-polyfill';
import type { ReportPeriod } from '../generated/resolvers.ts';

/** Days of the calendar, both included. */
type Days = { from: string; to: string };

/** What a report is about. `starts` are when its periods begin, and when the last one ends, in milliseconds. */
export type Range = Days & { timeZone: string; periods: Days[]; starts: number[] };

const MAX_YEARS = 5;
const MAX_PERIODS = 400;
/** Before, time zones had offsets that are no whole quarters of an hour. */
const FIRST_DAY = '1973-01-01';
const LAST_DAY = '8999-12-31';
const NO_ZONE = 'must be an IANA time zone, such as Europe/Berlin';

/**
 * The periods of a report.
 * @throws BAD_USER_INPUT that names every argument at fault
 */
export function rangeOf(args: Days & { by: ReportPeriod; timeZone: string }): Range {
  const { from, to, by, timeZone } = args;
  const problems: { field: string; message: string }[] = [];
  const wrong = (field: string, message: string): number => problems.push({ field, message });
  for (const field of ['from', 'to'] as const)
    if (args[field] < FIRST_DAY || args[field] > LAST_DAY) wrong(field, 'must be in the years 1973 to 8999');
  if (!isTimeZone(timeZone)) wrong('timeZone', NO_ZONE);
  const first = Temporal.PlainDate.from(from);
  const last = Temporal.PlainDate.from(to);
  if (to < from) wrong('to', 'must not be before from');
  else if (Temporal.PlainDate.compare(last, first.add({ years: MAX_YEARS })) >= 0)
    wrong('to', `must be less than ${MAX_YEARS} years after from`);
  else if (by === 'DAY' && first.until(last).days >= MAX_PERIODS)
    wrong('by', `must be WEEK or MONTH for more than ${MAX_PERIODS} days`);
  if (problems.length > 0) throw badInput(problems.map((p) => `${p.field}: ${p.message}`).join('; '), problems);

  const periods: Days[] = [];
  const starts: number[] = [];
  for (let start = first; Temporal.PlainDate.compare(start, last) <= 0;) {
    const next = nextPeriod(start, by);
    const end = next.subtract({ days: 1 });
    const isLast = Temporal.PlainDate.compare(end, last) >= 0;
    periods.push({ from: start.toString(), to: (isLast ? last : end).toString() });
    starts.push(startOf(start, timeZone));
    start = next;
  }
  starts.push(startOf(last.add({ days: 1 }), timeZone));
  return { from, to, timeZone, periods, starts };
}

/** The last days up to today, as days are in a time zone. @throws BAD_USER_INPUT where there is no such time zone */
export function lastDays(days: number, timeZone: string): Range {
  if (!isTimeZone(timeZone)) throw badInput(`timeZone: ${NO_ZONE}`, [{ field: 'timeZone', message: NO_ZONE }]);
  const today = Temporal.Instant.fromEpochMilliseconds(Date.now()).toZonedDateTimeISO(timeZone).toPlainDate();
  const from = today.subtract({ days: days - 1 }).toString();
  return rangeOf({ from, to: today.toString(), by: 'DAY', timeZone });
}

function nextPeriod(start: Temporal.PlainDate, by: ReportPeriod): Temporal.PlainDate {
  if (by === 'DAY') return start.add({ days: 1 });
  if (by === 'WEEK') return start.add({ days: 8 - start.dayOfWeek });
  return start.with({ day: 1 }).add({ months: 1 });
}

/** The first instant of a day: not midnight where the clocks are put forward then. */
const startOf = (day: Temporal.PlainDate, timeZone: string): number => day.toZonedDateTime(timeZone).epochMilliseconds;
