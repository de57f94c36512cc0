import { badInput, conflict, notFound } from '@todo/service/errors';
import { createEvent } from '@todo/service/events';
import { answerTo, type Answered, keepAnswer, type Once } from '@todo/service/idempotency';
import { outboxEntry } from '@todo/service/outbox';
import { StaleState, type StateOperation, type Versioned } from '@todo/service/state';
import type { AppContext } from './context.ts';
import { type TaskDocument, isTaskId, taskKey } from './task.ts';

type TaskTopic = 'task.created' | 'task.updated' | 'task.completed' | 'task.deleted';

/** What a mutation makes of a task: the event that says so, and the task after it. */
export type Change = { topic: TaskTopic; task: TaskDocument };

/** What a change is made in, and the trace that caused it. */
export type ChangeContext = Pick<AppContext, 'appId' | 'state' | 'relay'> & { traceparent: string | undefined };

/** How often a change that is based on no version in particular is tried again when others change the task meanwhile. */
const ATTEMPTS = 5;

/**
 * Creates a task, once: what the same call created before is given again.
 * @throws CONFLICT where the idempotency key was used for something else
 */
export async function createTask(
  context: ChangeContext,
  task: TaskDocument,
  once: Once | undefined,
): Promise<TaskDocument> {
  for (let attempt = 1; ; attempt += 1) {
    const { answered } = await read(context, undefined, once);
    if (answered) return answered.answer;
    try {
      await write(context, { op: 'create', key: taskKey(task.id), value: task }, { topic: 'task.created', task }, once);
      return task;
    } catch (error) {
      // Someone else used the key meanwhile: the answer is there now.
      if (!(error instanceof StaleState) || !once || attempt === ATTEMPTS) throw error;
    }
  }
}

/**
 * Changes one of the owner's tasks, once: what the same call made of it before is given again.
 * @param decide what to make of the task as it is; null where nothing is to change
 * @throws NOT_FOUND where the owner has no such task
 * @throws CONFLICT where the task's version is not the expected one, or does not stay so until the write, or the
 *   idempotency key was used for something else
 */
export async function changeTask(
  context: ChangeContext,
  target: { id: string; ownerId: string; expectedVersion?: number | null; once?: Once | undefined },
  decide: (task: TaskDocument, now: string) => Change | null,
): Promise<TaskDocument> {
  const { id, ownerId, expectedVersion, once } = target;
  if (expectedVersion != null && expectedVersion < 1)
    throw badInput('expectedVersion: must be 1 or more', [{ field: 'expectedVersion', message: 'must be 1 or more' }]);
  for (let attempt = 1; ; attempt += 1) {
    const { current, answered } = await read(context, id, once);
    if (answered) return answered.answer;
    if (!current || current.value.ownerId !== ownerId) throw notFound(`there is no task ${id}`);
    const task = current.value;
    if (expectedVersion != null && task.version !== expectedVersion)
      throw conflict(`task ${id} has version ${task.version}, not ${expectedVersion}: read it again`, {
        currentVersion: task.version,
      });
    const change = decide(task, new Date().toISOString());
    if (!change && !once) return task;
    const { key, etag } = { key: taskKey(id), etag: current.etag };
    try {
      if (!change) {
        await context.state.transact(keepAnswer(once, task), context.traceparent);
        return task;
      }
      await write(
        context,
        change.topic === 'task.deleted'
          ? { op: 'delete', key, etag }
          : { op: 'replace', key, value: change.task, etag },
        change,
        once,
      );
      return change.task;
    } catch (error) {
      if (!(error instanceof StaleState)) throw error;
      if (attempt === ATTEMPTS || (expectedVersion != null && !once))
        throw conflict(`task ${id} was changed by someone else at the same time: read it again`);
    }
  }
}

type Found = { current: Versioned<TaskDocument> | undefined; answered: Answered<TaskDocument> | undefined };

/** The task and what was answered to the same call before: one read. */
async function read(context: ChangeContext, id: string | undefined, once: Once | undefined): Promise<Found> {
  const key = id !== undefined && isTaskId(id) ? taskKey(id) : undefined;
  const keys = [key, once?.stateKey].filter((one) => one !== undefined);
  const found = await context.state.getMany(keys);
  const answered = once && (found.get(once.stateKey)?.value as Answered<TaskDocument> | undefined);
  return {
    current: key === undefined ? undefined : (found.get(key) as Versioned<TaskDocument> | undefined),
    answered: answerTo(once, answered),
  };
}

/** The document, its event and the answer in one state transaction; then the relay is told. @throws StaleState */
async function write(
  context: ChangeContext,
  operation: StateOperation,
  { topic, task }: Change,
  once: Once | undefined,
): Promise<void> {
  const { appId: source, traceparent } = context;
  const trace = traceparent === undefined ? {} : { traceparent };
  const event = createEvent(topic, { source, subject: task.id, time: task.updatedAt, data: task, ...trace });
  await context.state.transact([operation, outboxEntry(topic, event), ...keepAnswer(once, task)], traceparent);
  context.relay.nudge();
}
