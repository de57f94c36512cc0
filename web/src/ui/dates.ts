const time = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });

/** An instant as the user reads it. */
export const dateText = (instant: string): string => time.format(new Date(instant));

/** The day of an instant as the user reads it. */
export const dayOnlyText = (instant: string): string => day.format(new Date(instant));

/** The user's own time zone (IANA). */
export const ownTimeZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** What a date-and-time field takes: local time, to the minute. */
export function toField(instant: string | null | undefined): string {
  if (!instant) return '';
  const date = new Date(instant);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** The instant that a date-and-time field says; null where it is empty. */
export const fromField = (text: string): string | null => (text === '' ? null : new Date(text).toISOString());
