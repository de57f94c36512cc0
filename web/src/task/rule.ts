export const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;

/** What the form says of a recurrence. */
export type Pattern = {
  frequency: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';
  /** 1 to 1000. */
  interval: number;
  weekdays: (typeof WEEKDAYS)[number][];
  end: 'never' | 'count' | 'until';
  /** How many dates there are, 1 to 1000. */
  count: number;
  /** The last day, in the browser's time zone: YYYY-MM-DD. */
  until: string;
};

/** The same as an RRULE (RFC 5545). */
export function ruleOf({ frequency, interval, weekdays, end, count, until }: Pattern): string {
  return [
    `FREQ=${frequency}`,
    ...(interval > 1 ? [`INTERVAL=${interval}`] : []),
    ...(frequency === 'WEEKLY' && weekdays.length > 0 ? [`BYDAY=${weekdays.join(',')}`] : []),
    ...(end === 'count' ? [`COUNT=${count}`] : []),
    ...(end === 'until' && until ? [`UNTIL=${endOf(until)}`] : []),
  ].join(';');
}

/** The end of a day, in the basic format of ISO 8601, in UTC. */
const endOf = (day: string): string => new Date(`${day}T23:59:59`).toISOString().replaceAll(/[-:]|\.\d+/g, '');

const UNITS = { DAILY: 'day', WEEKLY: 'week', MONTHLY: 'month', YEARLY: 'year' };

/** A rule in words, as far as the form makes such; others as they are. */
export function ruleText(rule: string, dateText: (instant: string) => string): string {
  const parts = new Map(rule.split(';').map((part) => part.split('=', 2) as [string, string]));
  const unit = UNITS[parts.get('FREQ') as keyof typeof UNITS];
  const isOurs = [...parts.keys()].every((name) => ['FREQ', 'INTERVAL', 'BYDAY', 'COUNT', 'UNTIL'].includes(name));
  const days = parts.get('BYDAY');
  if (!isOurs || !unit || (days && (unit !== 'week' || /\d/.test(days)))) return rule;
  const interval = Number(parts.get('INTERVAL') ?? 1);
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)/.exec(parts.get('UNTIL') ?? '') ?? [];
  return [
    interval === 1 ? `Every ${unit}` : `Every ${interval} ${unit}s`,
    days && `on ${days.split(',').map(dayText).join(', ')}`,
    parts.has('COUNT') && `${parts.get('COUNT')} times`,
    year && `until ${dateText(`${year}-${month}-${day}T12:00:00Z`)}`,
  ]
    .filter(Boolean)
    .join(', ');
}

/** A day of the week as people write it. */
export const dayText = (day: string): string => day.charAt(0) + day.slice(1).toLowerCase();
