import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';
import { z } from 'zod';

const rfc3339 = z.iso.datetime({ offset: true });

function toUtc(value: unknown): string {
  const parsed = rfc3339.safeParse(value);
  const instant = parsed.success ? new Date(parsed.data) : undefined;
  const year = instant?.getUTCFullYear() ?? Number.NaN;
  if (!instant || !(year >= 1 && year <= 9999))
    throw new GraphQLError(
      `DateTime must be RFC 3339 with an offset, such as 2030-01-31T09:00:00Z, in the years 1 to 9999: ${String(value)}`,
      {
        extensions: { code: 'BAD_USER_INPUT' },
      },
    );
  return instant.toISOString();
}

/** An instant (RFC 3339): any offset is taken, UTC with milliseconds is given and used inside. */
export const DateTime = new GraphQLScalarType<string, string>({
  name: 'DateTime',
  serialize: (value) => toUtc(value instanceof Date ? value.toISOString() : value),
  parseValue: toUtc,
  parseLiteral: (node) => toUtc(node.kind === Kind.STRING ? node.value : undefined),
});

const day = z.iso.date().refine((text) => !text.startsWith('0000'));

function toDay(value: unknown): string {
  const parsed = day.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new GraphQLError(`Date must be a day of the calendar, such as 2030-01-31: ${String(value)}`, {
    extensions: { code: 'BAD_USER_INPUT' },
  });
}

/** A day of the calendar: YYYY-MM-DD. */
export const CalendarDate = new GraphQLScalarType<string, string>({
  name: 'Date',
  serialize: toDay,
  parseValue: toDay,
  parseLiteral: (node) => toDay(node.kind === Kind.STRING ? node.value : undefined),
});

/** Weeks alone, or days, hours, minutes and seconds in whole numbers. */
const DURATION = /^P(?:(\d+)W|(?=\d|T\d)(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?)$/;
const SECOND = 1000;
const UNITS = [7 * 24 * 3600, 24 * 3600, 3600, 60, 1].map((seconds) => seconds * SECOND);
const MAX_DURATION = 366 * 24 * 3600 * SECOND;

/**
 * Milliseconds of an ISO 8601 duration of up to 366 days, in weeks, or in days (of 24 hours), hours, minutes and seconds;
 * undefined for any other text: years and months have no fixed length.
 */
export function parseDuration(text: string): number | undefined {
  const parts = DURATION.exec(text)?.slice(1);
  const ms = parts?.reduce((sum, part, i) => sum + Number(part ?? 0) * (UNITS[i] ?? 0), 0);
  return ms !== undefined && ms <= MAX_DURATION ? ms : undefined;
}

/** The ISO 8601 duration of so many milliseconds, in days, hours, minutes and seconds; less than a second counts as none. */
export function formatDuration(ms: number): string {
  let rest = Math.floor(ms / SECOND);
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = [24 * 3600, 3600, 60, 1].map((unit) => {
    const count = Math.floor(rest / unit);
    rest -= count * unit;
    return count;
  });
  const time = `${hours ? `${hours}H` : ''}${minutes ? `${minutes}M` : ''}${seconds ? `${seconds}S` : ''}`;
  const date = days ? `${days}D` : '';
  return date || time ? `P${date}${time && `T${time}`}` : 'PT0S';
}

function toMilliseconds(value: unknown): number {
  const ms = typeof value === 'string' ? parseDuration(value) : undefined;
  if (ms === undefined)
    throw new GraphQLError(
      `Duration must be ISO 8601 in weeks, or days, hours, minutes and seconds, such as PT30M or P1D, of at most 366 days: ${String(value)}`,
      { extensions: { code: 'BAD_USER_INPUT' } },
    );
  return ms;
}

/** A duration (ISO 8601): in milliseconds inside. */
export const Duration = new GraphQLScalarType<number, string>({
  name: 'Duration',
  serialize: (value) => formatDuration(Number(value)),
  parseValue: toMilliseconds,
  parseLiteral: (node) => toMilliseconds(node.kind === Kind.STRING ? node.value : undefined),
});
