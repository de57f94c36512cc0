import { serviceConfig } from '@todo/service/config';
import { parseDuration } from '@todo/service/scalars';
import { z } from 'zod';

const MAX_AUTOMATIC = 5;

/** Durations as text, comma-separated, to milliseconds; each once. "none" is none of them. */
const durations = z.string().transform((text, context) => {
  if (text === 'none') return [];
  const all = text.split(',').map((one) => parseDuration(one.trim()));
  const known = all.filter((ms) => ms !== undefined);
  if (known.length < all.length || known.length > MAX_AUTOMATIC)
    context.addIssue(`must be up to ${MAX_AUTOMATIC} ISO 8601 durations such as PT1H or P1D, comma-separated`);
  return [...new Set(known)];
});

export const schedulerConfig = serviceConfig.extend({
  REMIND_BEFORE: durations
    .default([0, 60 * 60 * 1000])
    .describe(
      'how long before the due date every task is reminded of: up to 5 ISO 8601 durations, comma-separated (PT0S is the due date itself), or "none"; PT0S,PT1H unless given. A time that is past when the due date is set is left out',
    ),
  TASK_APP_ID: z.string().default('task-service').describe('the app that is asked about tasks'),
  RECONCILE_MAX_JOBS: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(10_000)
    .describe('how many jobs one run of the reconciler looks at; the next run goes on where it ended'),
});
