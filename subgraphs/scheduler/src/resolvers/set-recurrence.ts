import { conflict, notFound, parseInput, requireIdentity } from '@todo/service/errors';
import { v7 as uuidv7 } from 'uuid';
import type { RequestContext } from '../context.ts';
import type { MutationResolvers } from '../generated/resolvers.ts';
import { dropJobOf, hintAtJobOf, setJobOf } from '../recurrence/advance.ts';
import { nextAfter, startOf } from '../recurrence/dates.ts';
import { oneBadField, recurrenceInput, scheduleFrom } from '../recurrence/input.ts';
import { recurOnChange } from '../recurrence/on-task-changed.ts';
import { answerOnce } from '../recurrence/once.ts';
import { changeTo, type TaskRecurrence, recurrenceKey } from '../recurrence/series.ts';
import { isOpen } from '../reminder.ts';

export const setRecurrence: MutationResolvers['setRecurrence'] = (_, args, context, info) => {
  const { sub: ownerId } = requireIdentity(context);
  const { taskId } = args;
  const input = parseInput(recurrenceInput, args.input);
  return answerOnce(context, args, info, async () => {
    const task = await context.tasks.load(taskId);
    if (!task || task.ownerId !== ownerId) throw notFound(`there is no task ${taskId}`);
    if (!isOpen({ ...task, deleted: false }))
      throw oneBadField('taskId', `is ${task.status}: only an open task can recur`);
    if (task.dueAt === null) throw oneBadField('taskId', 'has no due date for the rule to start from: set one first');
    const schedule = scheduleFrom(input, { at: task.dueAt, timeZone: task.dueTimeZone, field: 'taskId' });
    const place = startOf(schedule);
    const next = nextAfter(schedule, place, place.date);
    if (!next) throw oneBadField('rule', 'gives no date after the due date of the task, or none for many years');
    const recurrence: TaskRecurrence = {
      ...schedule,
      seriesId: uuidv7(),
      taskId,
      ownerId,
      next: input.next,
      place,
      nextDate: next.date,
      version: task.version,
      revision: uuidv7(),
      successor: null,
      state: 'ACTIVE',
    };
    await hintAtJobOf(context, recurrence);
    await replace(context, recurrence);
    await setJobOf(context, recurrence);
    // What became of the task since it was read could not find the recurrence.
    const now = await context.tasks.load(taskId);
    const change = { deleted: !now, at: new Date().toISOString(), source: { copyOf: taskId } };
    await recurOnChange(context, { ...(now ?? { ...task, version: task.version + 1 }), ...change });
    return recurrence;
  });
};

/** Writes a recurrence in the place of the one that the task has, if any. */
async function replace(context: RequestContext, recurrence: TaskRecurrence): Promise<void> {
  const key = recurrenceKey(recurrence.taskId);
  const known = await context.documents.get<TaskRecurrence>(key);
  if (!known) return context.documents.save({ op: 'create', key, value: recurrence });
  const { state, successor } = known.value;
  if (state === 'ACTIVE' && successor) throw conflict('the next task is just being created: set it for that one');
  await context.documents.save(changeTo(known, recurrence));
  if (state === 'ACTIVE') await dropJobOf(context, known.value);
}
