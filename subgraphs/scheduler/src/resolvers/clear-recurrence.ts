import { conflict, notFound, requireIdentity } from '@todo/service/errors';
import type { MutationResolvers } from '../generated/resolvers.ts';
import { end } from '../recurrence/advance.ts';
import { answerOnce } from '../recurrence/once.ts';
import { type TaskRecurrence, recurrenceKey } from '../recurrence/series.ts';

export const clearRecurrence: MutationResolvers['clearRecurrence'] = (_, args, context, info) => {
  const { sub: ownerId } = requireIdentity(context);
  const { taskId } = args;
  return answerOnce(context, args, info, async () => {
    const known = await context.documents.get<TaskRecurrence>(recurrenceKey(taskId));
    if (known?.value.ownerId !== ownerId) throw notFound(`there is no task ${taskId} that recurs`);
    const { state, successor } = known.value;
    if (state === 'ACTIVE' && successor) throw conflict('the next task is just being created: clear it for that one');
    if (state === 'ACTIVE') await end(context, known);
    return { id: taskId };
  });
};
