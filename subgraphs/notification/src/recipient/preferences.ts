import { badInput, parseInput } from '@todo/service/errors';
import { isTimeZone } from '@todo/service/time-zone';
import { z } from 'zod';
import type {
  Channel,
  Digest,
  NotificationKind,
  NotificationPreferencesInput,
  Weekday,
} from '../generated/resolvers.ts';

/** How a user is told of one kind of notification, beside the feed. */
export type KindPreference = { kind: NotificationKind; channels: Channel[]; digest: Digest; quiet: boolean };

/** How a user is told. Times are local, as HH:MM. */
export type Preferences = {
  timeZone: string;
  quietHours: { from: string; to: string } | null;
  digestTime: string;
  digestDay: Weekday;
  /** Every kind, once. */
  kinds: KindPreference[];
  /** Counts the changes, from 0. */
  version: number;
};

const KINDS = ['TASK_CREATED', 'TASK_UPDATED', 'TASK_COMPLETED', 'TASK_DELETED', 'TASK_REMINDER'] as const;

/** What holds until the user says otherwise: everything is in the feed, and nothing is sent. */
export const defaultPreferences: Preferences = {
  timeZone: 'UTC',
  quietHours: null,
  digestTime: '08:00',
  digestDay: 'MONDAY',
  kinds: KINDS.map((kind) => ({ kind, channels: [], digest: 'NONE', quiet: true })),
  version: 0,
};

/** What holds for one kind. A kind that is newer than the preferences has its default. */
export function preferenceOf({ kinds }: Preferences, kind: NotificationKind): KindPreference {
  return kinds.find((one) => one.kind === kind) ?? { kind, channels: [], digest: 'NONE', quiet: true };
}

/** Every kind, once, in the order of the schema. */
export const everyKind = (preferences: Preferences): KindPreference[] =>
  KINDS.map((kind) => preferenceOf(preferences, kind));

const localTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a local time as HH:MM, 00:00 to 23:59');

const kindInput = z.object({
  kind: z.enum(KINDS),
  channels: z.array(z.enum(['EMAIL', 'WEB_PUSH', 'WEBHOOK', 'SMS'])).nullish(),
  digest: z.enum(['NONE', 'DAILY', 'WEEKLY']).nullish(),
  quiet: z.boolean().nullish(),
});

const preferencesInput = z
  .object({
    timeZone: z.string().refine(isTimeZone, 'must be an IANA time zone, such as Europe/Berlin').nullish(),
    quietHours: z
      .object({ from: localTime, to: localTime })
      .refine(({ from, to }) => from !== to, 'from and to must differ')
      .nullish(),
    digestTime: localTime.nullish(),
    digestDay: z.enum(['MONDAY', 'TUESDAY', 'WEDNESDAY', 'THURSDAY', 'FRIDAY', 'SATURDAY', 'SUNDAY']).nullish(),
    kinds: z
      .array(kindInput)
      .refine((all) => new Set(all.map(({ kind }) => kind)).size === all.length, 'names a kind twice')
      .nullish(),
  })
  .refine((input) => Object.values(input).some((value) => value !== undefined), {
    path: ['input'],
    message: 'names nothing to change',
  });

/**
 * The preferences after a change.
 * @param available the channels that this server can send over
 * @throws BAD_USER_INPUT that names every field at fault
 */
export function changePreferences(
  current: Preferences,
  given: NotificationPreferencesInput,
  available: ReadonlySet<Channel>,
): Preferences {
  const input = parseInput(preferencesInput, given);
  const named = new Map((input.kinds ?? []).map((one) => [one.kind, one]));
  const faults = (input.kinds ?? []).flatMap(({ channels }, i) =>
    (channels ?? [])
      .filter((channel) => !available.has(channel))
      .map((channel) => ({ field: `kinds.${i}.channels`, message: `${channel} is not set up on this server` })),
  );
  if (faults.length > 0) throw badInput(faults.map(({ field, message }) => `${field}: ${message}`).join('; '), faults);
  return {
    timeZone: input.timeZone ?? current.timeZone,
    quietHours: input.quietHours === undefined ? current.quietHours : input.quietHours,
    digestTime: input.digestTime ?? current.digestTime,
    digestDay: input.digestDay ?? current.digestDay,
    kinds: everyKind(current).map((kind) => {
      const change = named.get(kind.kind);
      if (!change) return kind;
      return {
        kind: kind.kind,
        channels: [...new Set(change.channels ?? kind.channels)],
        digest: change.digest ?? kind.digest,
        quiet: change.quiet ?? kind.quiet,
      };
    }),
    version: current.version + 1,
  };
}
