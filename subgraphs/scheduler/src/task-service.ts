import type { Dapr } from '@todo/service/dapr';
import DataLoader from 'dataloader';
import { z } from 'zod';

const taskFacts = z.object({
  id: z.string(),
  ownerId: z.string(),
  title: z.string(),
  status: z.enum(['PENDING', 'IN_PROGRESS', 'COMPLETED', 'CANCELLED']),
  dueAt: z.iso.datetime().nullable(),
  dueTimeZone: z.string().nullable(),
  version: z.number().int().positive(),
});

/** What reminders go by: the task service's word for it. */
export type TaskFacts = z.infer<typeof taskFacts>;

/** What the task service says of a task right now: null where there is none. @throws where it cannot be asked */
export type TaskService = { load(taskId: string): Promise<TaskFacts | null> };

const MAX_IDS = 100;
const ANSWER_MS = 10_000;
/** Reminders of one moment fire one by one: those of so many milliseconds are asked about together. */
const GATHER_MS = 3;

/** Asks the task service through Dapr. */
export function askTaskService(dapr: Dapr, appId: string): TaskService {
  const answer = z.object({ tasks: z.array(taskFacts.nullable()) });
  return new DataLoader<string, TaskFacts | null>(
    async (ids) => {
      const { status, body } = await dapr.send(`/v1.0/invoke/${appId}/method/internal/tasks/due`, {
        body: { ids },
        timeoutMs: ANSWER_MS,
      });
      if (status !== 200) throw new Error(`asking ${appId} about tasks: status ${status}: ${body.slice(0, 500)}`);
      return answer.parse(JSON.parse(body)).tasks;
    },
    { cache: false, maxBatchSize: MAX_IDS, batchScheduleFn: (ask) => setTimeout(ask, GATHER_MS) },
  );
}
