import { setImmediate } from 'node:timers/promises';
import { parseInput, requireIdentity } from '@todo/service/errors';
import type { QueryResolvers } from '../generated/resolvers.ts';
import { preview } from '../recurrence/dates.ts';
import { oneBadField, recurrenceInput, scheduleFrom } from '../recurrence/input.ts';

const MAX_DATES = 100;

export const previewRecurrence: QueryResolvers['previewRecurrence'] = async (_, args, context) => {
  requireIdentity(context);
  const input = parseInput(recurrenceInput, args.input);
  if (args.count < 1 || args.count > MAX_DATES) throw oneBadField('count', `must be 1 to ${MAX_DATES}`);
  const at = args.start ?? new Date().toISOString();
  // Several of one request, each up to a quarter of a second, let reminders through between them.
  await setImmediate();
  const dates = preview(scheduleFrom(input, { at, timeZone: null, field: 'start' }), args.count);
  if (dates.length === 0) throw oneBadField('rule', 'gives no date from the start on, or none for many years');
  return dates;
};
