import { RRuleTemporal } from 'rrule-temporal';
import { Temporal } from 'temporal-polyfill';
import { parseRule, type Rule } from './rule.ts';

/** When something recurs. Instants are RFC 3339 in UTC, with milliseconds, in the year 2000 or later. */
export type Schedule = {
  /** RRULE of RFC 5545. */
  rule: string;
  /** IANA name. */
  timeZone: string;
  /** DTSTART: what the rule counts from, and takes from what it does not say of a date. */
  start: string;
  /** EXDATE: dates that are left out. They count for COUNT all the same. */
  exceptDates: readonly string[];
};

/** A date of a schedule, and how many dates the rule's COUNT leaves after it: null where the rule has no COUNT. */
export type Place = { date: string; left: number | null };

/**
 * Periods of a rule that are looked at for one date. So a leap day is found from any year, among the days of each as well,
 * and one that is a Monday (every 40 years at most) among months and years.
 */
const MAX_PERIODS: Record<Rule['freq'], number> = {
  YEARLY: 100,
  MONTHLY: 500,
  WEEKLY: 500,
  DAILY: 3_000,
  HOURLY: 3_000,
};
/** Milliseconds that a preview may take: with most rules it takes one or two. */
const MAX_PREVIEW_MS = 250;
/** Longer than any gap that a change of offset ever left in local time (24 hours, where the date line moved). */
const LONGEST_GAP = { hours: 25 };
/** The last year of RFC 3339. */
const LAST_YEAR = 9_999;

/**
 * The first date of a schedule that comes after one of its places and after an instant; null where there is none, or none
 * within so many of the rule's periods that it never will. The dates between count for COUNT.
 *
 * The rule is worked out in local time. A local time that a change of offset leaves out is taken with the offset before it
 * (02:30 becomes 03:30), and of one that comes twice the first counts: RFC 5545, section 3.3.5.
 * @throws InvalidRule
 */
export function nextAfter(schedule: Schedule, place: Place, after: string): Place | null {
  return compile(schedule)(place, after);
}

/** The place of a schedule's start, whether or not the rule has it for a date. @throws InvalidRule */
export function startOf(schedule: Schedule): Place {
  const { start } = schedule;
  const place = beginning(schedule);
  const first = nextAfter({ ...schedule, exceptDates: [] }, place, place.date);
  return first?.date === start ? first : { date: start, left: place.left };
}

/**
 * The first dates of a schedule; its start is one of them where the rule has it. Fewer than `count` where the schedule ends,
 * or where its dates are so far between that looking further takes longer than `maxMs` milliseconds.
 * @throws InvalidRule
 */
export function preview(schedule: Schedule, count: number, maxMs = MAX_PREVIEW_MS): string[] {
  const next = compile(schedule);
  const deadline = performance.now() + maxMs;
  const dates: string[] = [];
  let place: Place | null = beginning(schedule);
  while (dates.length < count && performance.now() < deadline) {
    place = next(place, place.date);
    if (place === null) break;
    dates.push(place.date);
  }
  return dates;
}

/** The place before the first date. */
function beginning({ rule, start }: Schedule): Place {
  return { date: new Date(Date.parse(start) - 1).toISOString(), left: parseRule(rule).count ?? null };
}

function compile({ rule, timeZone, start, exceptDates }: Schedule): (place: Place, after: string) => Place | null {
  const { until = Number.POSITIVE_INFINITY, count: _, ...parts } = parseRule(rule);
  const except = new Set(exceptDates.map((date) => Date.parse(date)));
  // In the library's eyes local time is UTC, which has no changes of offset. It is told neither UNTIL, which is an instant,
  // nor COUNT, for which it would go through all dates from the start on each time.
  const local = new RRuleTemporal({
    ...parts,
    dtstart: Temporal.Instant.from(start).toZonedDateTimeISO(timeZone).toPlainDateTime().toZonedDateTime('UTC'),
    temporal: Temporal,
    maxIterations: MAX_PERIODS[parts.freq],
    cache: false,
  });

  function localAfter(after: Temporal.PlainDateTime): Temporal.PlainDateTime | undefined {
    try {
      return local.next(after.toZonedDateTime('UTC'))?.toPlainDateTime();
    } catch (error) {
      // That it gave up, it says only in words.
      if (error instanceof Error && /^Maximum .* exceeded/.test(error.message)) return undefined;
      throw error;
    }
  }

  function instantAfter(after: Temporal.Instant): Temporal.Instant | undefined {
    // A local time in a gap becomes a later one: what comes after an instant may be before it in local time.
    const offsets = [after, after.subtract(LONGEST_GAP)].map((at) => at.toZonedDateTimeISO(timeZone).offsetNanoseconds);
    let from = after
      .add({ nanoseconds: Math.min(...offsets) })
      .toZonedDateTimeISO('UTC')
      .toPlainDateTime();
    let first: Temporal.ZonedDateTime | undefined;
    for (;;) {
      const next = localAfter(from);
      if (!next || (first && Temporal.PlainDateTime.compare(next, first.toPlainDateTime()) >= 0)) break;
      from = next;
      const date = next.toZonedDateTime(timeZone, { disambiguation: 'compatible' });
      if (Temporal.Instant.compare(date.toInstant(), after) <= 0) continue;
      if (!first || Temporal.ZonedDateTime.compare(date, first) < 0) first = date;
      if (date.toPlainDateTime().equals(next)) break;
    }
    return first?.toInstant();
  }

  return ({ date, left }, after) => {
    const earliest = Date.parse(after);
    // Dates are counted where there is a COUNT; else those up to `after` are not even looked at.
    let at = left === null && earliest > Date.parse(date) ? earliest : Date.parse(date);
    for (;;) {
      if (left === 0) return null;
      const next = instantAfter(Temporal.Instant.fromEpochMilliseconds(at))?.epochMilliseconds;
      if (next === undefined || next > until || new Date(next).getUTCFullYear() > LAST_YEAR) return null;
      at = next;
      if (left !== null) left -= 1;
      if (at > earliest && !except.has(at)) return { date: new Date(at).toISOString(), left };
    }
  };
}
