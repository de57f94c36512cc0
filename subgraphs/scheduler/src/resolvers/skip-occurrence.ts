import { conflict, notFound, requireIdentity } from '@todo/service/errors';
import type { Versioned } from '@todo/service/state';
import type { RequestContext } from '../context.ts';
import type { MutationResolvers } from '../generated/resolvers.ts';
import { deleteJob, setJob } from '../jobs.ts';
import { advance } from '../recurrence/advance.ts';
import { nextAfter } from '../recurrence/dates.ts';
import { MAX_EXCEPT_DATES, oneBadField } from '../recurrence/input.ts';
import { answerOnce } from '../recurrence/once.ts';
import { changeTo, recurrenceKey, skipJob, type TaskRecurrence } from '../recurrence/series.ts';

/** Where a skip ends half done, its job goes on so long after it, in milliseconds. */
const SEEN_TO_MS = 60_000;

export const skipOccurrence: MutationResolvers['skipOccurrence'] = (_, args, context, info) => {
  const { sub: ownerId } = requireIdentity(context);
  const { taskId, date } = args;
  return answerOnce(context, args, info, async () => {
    const known = await context.documents.get<TaskRecurrence>(recurrenceKey(taskId));
    if (known?.value.ownerId !== ownerId || known.value.state === 'ENDED')
      throw notFound(`there is no task ${taskId} that recurs`);
    return known.value.place.date === date ? skipThis(context, known) : skipLater(context, known, date);
  });
};

/** The series goes on without the task; where it has done so before, nothing happens again. */
async function skipThis(context: RequestContext, known: Versioned<TaskRecurrence>): Promise<TaskRecurrence | null> {
  const { state, successor, taskId } = known.value;
  if (state === 'ACTIVE') {
    const job = skipJob(known.value);
    await setJob(context.dapr, job, new Date(Date.now() + SEEN_TO_MS).toISOString(), taskId);
    const next = await advance(context, known, new Date().toISOString(), { copyOf: taskId });
    await deleteJob(context.dapr, job);
    return next;
  }
  return (successor && (await context.documents.get<TaskRecurrence>(recurrenceKey(successor.taskId)))?.value) ?? null;
}

/** A date that is still to come becomes an exception date. */
async function skipLater(
  context: RequestContext,
  known: Versioned<TaskRecurrence>,
  date: string,
): Promise<TaskRecurrence> {
  const { place, exceptDates, successor, ...schedule } = known.value;
  if (successor) throw conflict(`the series has moved on to task ${successor.taskId}: skip the date of that one`);
  if (exceptDates.includes(date)) return known.value;
  const justBefore = new Date(Date.parse(date) - 1).toISOString();
  const found = nextAfter({ ...schedule, exceptDates: [] }, place, justBefore);
  if (found?.date !== date)
    throw oneBadField('date', `is no date of the series${found ? `: the next one is ${found.date}` : ''}`);
  if (exceptDates.length >= MAX_EXCEPT_DATES)
    throw oneBadField('date', `is one too many: at most ${MAX_EXCEPT_DATES} dates ahead can be skipped`);
  const change = { exceptDates: [...exceptDates, date].sort() };
  const nextDate = nextAfter({ ...schedule, ...change }, place, place.date)?.date ?? null;
  await context.documents.save(changeTo(known, { ...change, nextDate }));
  return { ...known.value, ...change, nextDate };
}
