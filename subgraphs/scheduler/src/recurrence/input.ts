import { badInput } from '@todo/service/errors';
import { isTimeZone } from '@todo/service/time-zone';
import { z } from 'zod';
import type { Schedule } from './dates.ts';
import { InvalidRule, parseRule } from './rule.ts';

export const MAX_EXCEPT_DATES = 100;

const rule = z.string().superRefine((text, context) => {
  try {
    parseRule(text);
  } catch (error) {
    if (!(error instanceof InvalidRule)) throw error;
    context.addIssue({ code: 'custom', message: error.message });
  }
});

/** Fields are named as in `RecurrenceInput`. */
export const recurrenceInput = z.object({
  rule,
  timeZone: z.string().refine(isTimeZone, { message: 'must be an IANA time zone, such as Europe/Berlin' }).nullish(),
  next: z.enum(['ON_COMPLETION', 'ON_TIME']),
  exceptDates: z
    .array(z.string())
    .max(MAX_EXCEPT_DATES, `must be at most ${MAX_EXCEPT_DATES}`)
    .transform((dates) => [...new Set(dates)].sort()),
});
export type RecurrenceInput = z.infer<typeof recurrenceInput>;

/** Rules are not worked out from earlier starts: to pass over all dates until now would take too long. */
const FIRST_START = '2000-01-01T00:00:00.000Z';

/**
 * The schedule that an input makes of a start.
 * @param field where the start comes from, for the error
 * @throws BAD_USER_INPUT where the start is before the year 2000
 */
export function scheduleFrom(
  { rule, exceptDates, timeZone }: RecurrenceInput,
  start: { at: string; timeZone: string | null; field: string },
): Schedule {
  if (start.at < FIRST_START) throw oneBadField(start.field, 'is before the year 2000: nothing recurs from there');
  return { rule, timeZone: timeZone ?? start.timeZone ?? 'UTC', start: start.at, exceptDates };
}

/** BAD_USER_INPUT of one field. */
export const oneBadField = (field: string, message: string): Error =>
  badInput(`${field}: ${message}`, [{ field, message }]);
