import { badInput, conflict, notFound } from '@todo/service/errors';
import { createEvent } from '@todo/service/events';
import { outboxEntry } from '@todo/service/outbox';
import { StaleState, type StateOperation } from '@todo/service/state';
import type { AppContext } from './context.ts';
import { type TaskDocument, isTaskId, taskKey } from './task.ts';

type TaskTopic = 'task.created' | 'task.updated' | 'task.completed' | 'task.deleted';

/** What a mutation makes of a task: the event that says so, and the task after it. */
export type Change = { topic: TaskTopic; task: TaskDocument };

/** How often a change that is based on no version in particular is tried again when others change the task meanwhile. */
const ATTEMPTS = 5;

/** Writes a change and its event in one state transaction, and tells the relay. @throws StaleState */
export async function commit(
  context: AppContext,
  { topic, task }: Change,
  write: (key: string, value: TaskDocument) => StateOperation,
): Promise<TaskDocument> {
  const event = createEvent(topic, { source: context.appId, subject: task.id, time: task.updatedAt, data: task });
  await context.state.transact([write(taskKey(task.id), task), outboxEntry(topic, event)]);
  context.relay.nudge();
  return task;
}

/**
 * Changes one of the owner's tasks.
 * @param decide what to make of the task as it is; null where nothing is to change
 * @throws NOT_FOUND where the owner has no such task
 * @throws CONFLICT where the task's version is not the expected one, or does not stay so until the write
 */
export async function changeTask(
  context: AppContext,
  target: { id: string; ownerId: string; expectedVersion?: number | null },
  decide: (task: TaskDocument, now: string) => Change | null,
): Promise<TaskDocument> {
  const { id, ownerId, expectedVersion } = target;
  if (expectedVersion != null && expectedVersion < 1)
    throw badInput('expectedVersion: must be 1 or more', [{ field: 'expectedVersion', message: 'must be 1 or more' }]);
  for (let attempt = 1; ; attempt += 1) {
    const current = isTaskId(id) ? await context.state.get(taskKey(id)) : undefined;
    if (!current || current.value.ownerId !== ownerId) throw notFound(`there is no task ${id}`);
    const task = current.value;
    if (expectedVersion != null && task.version !== expectedVersion)
      throw conflict(`task ${id} has version ${task.version}, not ${expectedVersion}: read it again`, {
        currentVersion: task.version,
      });
    const change = decide(task, new Date().toISOString());
    if (!change) return task;
    try {
      return await commit(context, change, (key, value) =>
        change.topic === 'task.deleted'
          ? { op: 'delete', key, etag: current.etag }
          : { op: 'replace', key, value, etag: current.etag },
      );
    } catch (error) {
      if (!(error instanceof StaleState)) throw error;
      if (expectedVersion != null || attempt === ATTEMPTS)
        throw conflict(`task ${id} was changed by someone else at the same time: read it again`);
    }
  }
}
