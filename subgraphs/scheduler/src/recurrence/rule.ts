import type { Freq, Weekday } from 'rrule-temporal';

/** A recurrence rule of RFC 5545, section 3.3.10, as the scheduler takes it. */
export type Rule = {
  freq: Exclude<Freq, 'MINUTELY' | 'SECONDLY'>;
  interval?: number;
  /** How many dates the rule has in all. */
  count?: number;
  /** The last instant that a date may have, in milliseconds since 1970. */
  until?: number;
  wkst?: Weekday;
  byMonth?: number[];
  byWeekNo?: number[];
  byYearDay?: number[];
  byMonthDay?: number[];
  byDay?: string[];
  byHour?: number[];
  byMinute?: number[];
  bySetPos?: number[];
};

/** What is wrong with a rule, in words for who wrote it. */
export class InvalidRule extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InvalidRule';
  }
}

const MAX_LENGTH = 500;
/** Dates that a rule may have in a day: more would be a job, not a task. */
const MAX_A_DAY = 24;
const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const;
const FREQUENCIES = ['YEARLY', 'MONTHLY', 'WEEKLY', 'DAILY', 'HOURLY'] as const;

/** The value of each part that a rule can have. */
const parts = {
  FREQ: (value: string) => ({ freq: oneOf('FREQ', value, FREQUENCIES) }),
  INTERVAL: (value: string) => ({ interval: integer('INTERVAL', value, 1, 1_000) }),
  COUNT: (value: string) => ({ count: integer('COUNT', value, 1, 1_000) }),
  UNTIL: (value: string) => ({ until: utc(value) }),
  WKST: (value: string) => ({ wkst: oneOf('WKST', value, WEEKDAYS) }),
  BYMONTH: (value: string) => ({ byMonth: integers('BYMONTH', value, 1, 12) }),
  BYWEEKNO: (value: string) => ({ byWeekNo: integers('BYWEEKNO', value, -53, 53) }),
  BYYEARDAY: (value: string) => ({ byYearDay: integers('BYYEARDAY', value, -366, 366) }),
  BYMONTHDAY: (value: string) => ({ byMonthDay: integers('BYMONTHDAY', value, -31, 31) }),
  BYDAY: (value: string) => ({ byDay: weekdays(value) }),
  BYHOUR: (value: string) => ({ byHour: integers('BYHOUR', value, 0, 23) }),
  BYMINUTE: (value: string) => ({ byMinute: integers('BYMINUTE', value, 0, 59) }),
  BYSETPOS: (value: string) => ({ bySetPos: integers('BYSETPOS', value, -366, 366) }),
} satisfies Record<string, (value: string) => Partial<Rule>>;

/**
 * Reads a rule such as `FREQ=MONTHLY;BYDAY=-1FR;COUNT=12`; `RRULE:` may stand before it. Taken are YEARLY to HOURLY, and
 * rules with no more than 24 dates a day; not taken are BYSECOND, and the calendars of RFC 7529.
 * @throws InvalidRule that names the part at fault
 */
export function parseRule(text: string): Rule {
  if (text.length > MAX_LENGTH) throw new InvalidRule(`must be at most ${MAX_LENGTH} characters`);
  const rule: Partial<Rule> = {};
  const seen = new Set<string>();
  const body = text
    .trim()
    .toUpperCase()
    .replace(/^RRULE:/, '')
    .replace(/;$/, '');
  for (const part of body.split(';')) {
    const [, name, value] = /^([A-Z]+)=(.+)$/.exec(part) ?? [];
    if (name === undefined || value === undefined)
      throw new InvalidRule(`must be parts such as FREQ=DAILY, with ";" between them: ${quote(part)}`);
    if (!Object.hasOwn(parts, name))
      throw new InvalidRule(`${name} is not taken here: use ${Object.keys(parts).join(', ')}`);
    if (seen.has(name)) throw new InvalidRule(`${name} is given twice`);
    seen.add(name);
    Object.assign(rule, parts[name as keyof typeof parts](value));
  }
  if (rule.freq === undefined) throw new InvalidRule('FREQ is missing');
  checkTogether({ ...rule, freq: rule.freq });
  return { ...rule, freq: rule.freq };
}

/** What RFC 5545 says of parts that may not stand together. */
function checkTogether(rule: Rule): void {
  const { freq, byDay = [], byHour = [0], byMinute = [0] } = rule;
  const ordinal = byDay.find((day) => day.length > 2);
  refuse(rule.count !== undefined && rule.until !== undefined, 'COUNT and UNTIL cannot stand together');
  refuse(rule.byWeekNo && freq !== 'YEARLY', 'BYWEEKNO is for FREQ=YEARLY only');
  refuse(
    rule.byYearDay && freq !== 'YEARLY' && freq !== 'HOURLY',
    `BYYEARDAY is for FREQ=YEARLY or HOURLY, not ${freq}`,
  );
  refuse(rule.byMonthDay && freq === 'WEEKLY', 'BYMONTHDAY is not for FREQ=WEEKLY');
  refuse(
    ordinal && freq !== 'MONTHLY' && freq !== 'YEARLY',
    `BYDAY: ${ordinal} is for FREQ=MONTHLY or YEARLY, not ${freq}`,
  );
  refuse(ordinal && rule.byWeekNo, `BYDAY: ${ordinal} cannot stand with BYWEEKNO`);
  const others = Object.keys(rule).filter((key) => key.startsWith('by') && key !== 'bySetPos');
  refuse(rule.bySetPos && others.length === 0, 'BYSETPOS needs another BY part to choose from');
  const aDay = freq === 'HOURLY' ? MAX_A_DAY * byMinute.length : byHour.length * byMinute.length;
  refuse(aDay > MAX_A_DAY, `must give at most ${MAX_A_DAY} dates a day, not ${aDay}`);
}

function refuse(when: unknown, message: string): void {
  if (when) throw new InvalidRule(message);
}

function oneOf<T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new InvalidRule(`${name} must be ${allowed.join(', ')}: ${quote(value)}`);
  return found;
}

function integer(name: string, value: string, min: number, max: number): number {
  const number = /^[+-]?\d{1,4}$/.test(value) ? Number(value) : Number.NaN;
  // Where negative ones count from the end, there is none at 0.
  if (!(number >= min && number <= max) || (min < 0 && number === 0))
    throw new InvalidRule(`${name} must be ${min} to ${max}${min < 0 ? ', not 0' : ''}: ${quote(value)}`);
  return number;
}

const integers = (name: string, value: string, min: number, max: number): number[] => [
  ...new Set(value.split(',').map((one) => integer(name, one, min, max))),
];

function weekdays(value: string): string[] {
  return value.split(',').map((one) => {
    const [, ordinal, day] = /^([+-]?\d{1,2})?([A-Z]{2})$/.exec(one) ?? [];
    if (day === undefined) throw new InvalidRule(`BYDAY must be days such as MO or -1FR: ${quote(one)}`);
    return `${ordinal === undefined ? '' : integer('BYDAY', ordinal, -53, 53)}${oneOf('BYDAY', day, WEEKDAYS)}`;
  });
}

/** UNTIL of a rule with a time zone is in UTC. */
function utc(value: string): number {
  const [, date, time] = /^(\d{8})T(\d{6})Z$/.exec(value) ?? [];
  const iso = `${date?.replace(/(....)(..)(..)/, '$1-$2-$3')}T${time?.replace(/(..)(..)(..)/, '$1:$2:$3')}.000Z`;
  const until = Date.parse(iso);
  // Date takes February 30 as March 2.
  if (Number.isNaN(until) || new Date(until).toISOString() !== iso)
    throw new InvalidRule(`UNTIL must be in UTC, such as 20301231T230000Z: ${quote(value)}`);
  return until;
}

const quote = (text: string): string => JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
