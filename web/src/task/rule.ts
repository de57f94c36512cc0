export const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;

/** What the form says of a recurrence. */
export type Pattern = {
  frequency: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';
  /** 1 to 1000. */
  interval: number;
  weekdays: (typeof WEEKDAYS)[number][];
  count: number | undefined;
};

/** The same as an RRULE (RFC 5545). */
export function ruleOf({ frequency, interval, weekdays, count }: Pattern): string {
  return [
    `FREQ=${frequency}`,
    ...(interval > 1 ? [`INTERVAL=${interval}`] : []),
    ...(frequency === 'WEEKLY' && weekdays.length > 0 ? [`BYDAY=${weekdays.join(',')}`] : []),
    ...(count === undefined ? [] : [`COUNT=${count}`]),
  ].join(';');
}
