import { type InternalRoute, internalRoute } from '@todo/service/internal';
import { z } from 'zod';
import type { AppContext } from '../context.ts';
import { isTaskId, type TaskDocument, taskKey } from '../task.ts';

/** Up to so many tasks at a time: one bulk read of state. */
const MAX_IDS = 100;

/**
 * `POST /internal/tasks/due {ids}`: for each id, in order, whose task it is and what its reminders go by; null where there
 * is no such task.
 */
export const tasksDue = (app: () => AppContext, schedulerAppId: string): InternalRoute =>
  internalRoute({
    path: '/internal/tasks/due',
    from: schedulerAppId,
    body: z.strictObject({ ids: z.array(z.string().max(200)).min(1).max(MAX_IDS) }),
    async handle({ ids }) {
      const documents = await app().state.getMany([...new Set(ids.filter(isTaskId).map(taskKey))]);
      return { tasks: ids.map((id) => facts(documents.get(taskKey(id))?.value as TaskDocument | undefined)) };
    },
  });

function facts(task: TaskDocument | undefined) {
  if (!task) return null;
  const { id, ownerId, title, status, dueAt, dueTimeZone, version } = task;
  return { id, ownerId, title, status, dueAt, dueTimeZone: dueTimeZone ?? null, version };
}
