import type { Dapr } from '@todo/service/dapr';
import type { Documents } from '@todo/service/documents';
import type { Logger } from '@todo/service/logger';
import type { SubgraphRequest } from '@todo/service/server';
import DataLoader from 'dataloader';
import type { HintStore } from './hints.ts';
import { type TaskRecurrence, recurrenceKey } from './recurrence/series.ts';
import { scheduleKey, type TaskSchedule } from './reminder.ts';
import type { TaskService } from './task-service.ts';

/** What the service holds for its whole life. */
export type AppContext = {
  appId: string;
  dapr: Dapr;
  documents: Documents;
  hints: HintStore;
  tasks: TaskService;
  /** The app that creates the tasks of a series. */
  taskAppId: string;
  /** Milliseconds before the due date at which every task is reminded of. */
  remindBefore: readonly number[];
  logger: Logger;
};

/** References to a task and a user: other subgraphs know the rest. */
export type TaskReference = { id: string };
export type UserReference = { id: string };

export type RequestContext = AppContext &
  SubgraphRequest & {
    /** What the scheduler knows of the caller's own tasks, by task id; null for any other. */
    schedules: DataLoader<string, TaskSchedule | null>;
    /** The series whose current task it is, of the caller's own tasks; null for any other. */
    recurrences: DataLoader<string, TaskRecurrence | null>;
  };

/** The context of one request. */
export function requestContext(app: AppContext, request: SubgraphRequest): RequestContext {
  const schedules = new DataLoader<string, TaskSchedule | null>(async (ids) => {
    const documents = await app.documents.getMany<TaskSchedule>(ids.map(scheduleKey));
    return ids.map((id) => {
      const found = documents.get(scheduleKey(id))?.value;
      return found && found.ownerId === request.identity?.sub ? found : null;
    });
  });
  const recurrences = new DataLoader<string, TaskRecurrence | null>(async (ids) => {
    const documents = await app.documents.getMany<TaskRecurrence>(ids.map(recurrenceKey));
    return ids.map((id) => {
      const found = documents.get(recurrenceKey(id))?.value;
      return found && found.ownerId === request.identity?.sub && found.state === 'ACTIVE' ? found : null;
    });
  });
  return { ...app, ...request, schedules, recurrences };
}
