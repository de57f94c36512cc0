import type { DomainEvent, TaskData } from '@todo/service/events';
import { StaleState } from '@todo/service/state';
import type { AppContext } from '../context.ts';
import { advance, end } from './advance.ts';
import type { Source } from './occurrences.ts';
import { type TaskRecurrence, recurrenceKey } from './series.ts';

type TaskEvent = DomainEvent<'task.created' | 'task.updated' | 'task.completed' | 'task.deleted'>;

/** What became of a task. */
export type Change = Pick<TaskData, 'id' | 'status' | 'version'> & {
  deleted: boolean;
  /** Since when: dates of the series up to then are passed over. */
  at: string;
  /** The task as it is now, to be copied. */
  source: Source;
};

const ATTEMPTS = 5;

/** An event's change of a task that recurs. */
export function recurOnTaskChanged(context: AppContext, { type, time, data: task }: TaskEvent): Promise<void> {
  const { id, status, version, completedAt } = task;
  const deleted = type === 'com.todo.task.deleted.v1';
  return recurOnChange(context, { id, status, version, deleted, at: completedAt ?? time, source: { task } });
}

/**
 * What a change of a task means for its series. Completed, it moves on to the next task: where that waits for its time, only
 * once the completed task is deleted. Cancelled, or deleted while it was open, it ends.
 */
export async function recurOnChange(context: AppContext, change: Change): Promise<void> {
  const { id, status, version, deleted, at, source } = change;
  for (let attempt = 1; ; attempt += 1) {
    const known = await context.documents.get<TaskRecurrence>(recurrenceKey(id));
    if (known?.value.state !== 'ACTIVE' || known.value.version >= version) return;
    const { next, successor } = known.value;
    const isDone = status === 'COMPLETED' && (next === 'ON_COMPLETION' || deleted);
    try {
      // What was decided before is seen through, whatever became of the task.
      if (successor || isDone) await advance(context, known, at, source);
      else if (deleted || status === 'CANCELLED') await end(context, known);
      return;
    } catch (error) {
      if (!(error instanceof StaleState) || attempt === ATTEMPTS) throw error;
    }
  }
}
