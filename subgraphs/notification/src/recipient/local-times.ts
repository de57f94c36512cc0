import { Temporal } from 'temporal-polyfill';
import type { Digest } from '../generated/resolvers.ts';
import type { Preferences } from './preferences.ts';

const DAYS = ['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY'] as const;

/** How often a digest is sent. */
export type Frequency = Exclude<Digest, 'NONE'>;

type Zoned = Temporal.ZonedDateTime;
const inZone = (at: Date, { timeZone }: Pick<Preferences, 'timeZone'>): Zoned =>
  Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone);
/** A local time that a change of offset leaves out is as much later; of one that comes twice the first counts. */
const atTime = (day: Temporal.PlainDate, time: string, zone: string): Zoned =>
  day.toZonedDateTime({ timeZone: zone, plainTime: Temporal.PlainTime.from(time) });
const toText = (zoned: Zoned): string => new Date(zoned.epochMilliseconds).toISOString();

/** The end of the quiet hours that an instant is in, in RFC 3339; undefined where it is in none. */
export function quietUntil(at: Date, preferences: Pick<Preferences, 'quietHours' | 'timeZone'>): string | undefined {
  const { quietHours, timeZone } = preferences;
  if (!quietHours) return undefined;
  const { from, to } = quietHours;
  const now = inZone(at, preferences);
  const today = now.toPlainDate();
  // The hours that began yesterday, and those that begin today.
  for (const begins of [today.subtract({ days: 1 }), today]) {
    const start = atTime(begins, from, timeZone);
    const end = atTime(from < to ? begins : begins.add({ days: 1 }), to, timeZone);
    if (Temporal.ZonedDateTime.compare(start, now) <= 0 && Temporal.ZonedDateTime.compare(now, end) < 0)
      return toText(end);
  }
  return undefined;
}

/** When the next digest is sent that comes after an instant: RFC 3339. */
export function nextDigest(
  frequency: Frequency,
  after: Date,
  { timeZone, digestTime, digestDay }: Pick<Preferences, 'timeZone' | 'digestTime' | 'digestDay'>,
): string {
  const now = inZone(after, { timeZone });
  for (let days = 0; ; days += 1) {
    const day = now.toPlainDate().add({ days });
    if (frequency === 'WEEKLY' && DAYS[day.dayOfWeek - 1] !== digestDay) continue;
    const at = atTime(day, digestTime, timeZone);
    if (Temporal.ZonedDateTime.compare(at, now) > 0) return toText(at);
  }
}
