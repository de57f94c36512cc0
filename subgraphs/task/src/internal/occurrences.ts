import { answerTo, type Answered, onceOfService } from '@todo/service/idempotency';
import { type InternalRoute, internalRoute } from '@todo/service/internal';
import { REMEMBER_SECONDS } from '@todo/service/topics';
import { v7 as uuidv7 } from 'uuid';
import { z } from 'zod';
import { createTask } from '../change.ts';
import type { AppContext } from '../context.ts';
import { isTaskId, type TaskDocument, taskKey } from '../task.ts';

const taskId = z.string().refine(isTaskId, { message: 'must be a UUID' });

/** What of a task its next occurrence has as well. */
const copied = z.strictObject({
  title: z.string(),
  description: z.string().nullable(),
  priority: z.enum(['LOW', 'NORMAL', 'HIGH', 'URGENT']),
  tags: z.array(z.string()),
  checklist: z.array(z.strictObject({ text: z.string() })),
});

const body = z.strictObject({
  /** Of the series and the date: the same one creates nothing again, for as long as an event can come again. */
  key: z.string().min(1).max(300),
  /** The id that the task gets. */
  id: taskId,
  ownerId: z.string().min(1),
  dueAt: z.iso.datetime(),
  dueTimeZone: z.string().nullable(),
  source: z.union([z.strictObject({ task: copied }), z.strictObject({ copyOf: taskId })]),
});

/**
 * `POST /internal/occurrences`: creates the next task of a series, due at `dueAt`, as a copy of what is given, or of a task of
 * the same owner, with nothing of the checklist done. Answers `{id}`; null where there is no task to copy.
 */
export const occurrences = (app: () => AppContext, schedulerAppId: string): InternalRoute =>
  internalRoute({
    path: '/internal/occurrences',
    from: schedulerAppId,
    body,
    async handle({ key, id, ownerId, dueAt, dueTimeZone, source }) {
      const context = app();
      const once = onceOfService(schedulerAppId, key, { ownerId, dueAt }, REMEMBER_SECONDS);
      const sourceKey = 'copyOf' in source ? [taskKey(source.copyOf)] : [];
      const found = await context.state.getMany([once.stateKey, taskKey(id), ...sourceKey]);
      const answered = answerTo(once, found.get(once.stateKey)?.value as Answered<TaskDocument> | undefined);
      if (answered) return { id: answered.answer.id };
      if (found.has(taskKey(id))) return { id };

      const copy =
        'task' in source ? source.task : (found.get(taskKey(source.copyOf))?.value as TaskDocument | undefined);
      if (!copy || ('ownerId' in copy && copy.ownerId !== ownerId)) return { id: null };
      const { title, description, priority, tags, checklist } = copy;
      const now = new Date().toISOString();
      const task: TaskDocument = {
        id,
        ownerId,
        title,
        description,
        priority,
        tags,
        dueAt,
        dueTimeZone,
        status: 'PENDING',
        checklist: checklist.map(({ text }) => ({ id: uuidv7(), text, done: false })),
        createdAt: now,
        updatedAt: now,
        completedAt: null,
        version: 1,
      };
      const created = await createTask({ ...context, traceparent: undefined }, task, once);
      return { id: created.id };
    },
  });
