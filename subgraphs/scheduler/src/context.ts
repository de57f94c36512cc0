import type { Dapr } from '@todo/service/dapr';
import type { Identity } from '@todo/service/identity';
import type { Logger } from '@todo/service/logger';
import type { StateStore } from '@todo/service/state';
import DataLoader from 'dataloader';
import { remindersKey, type TaskReminders } from './reminder.ts';

/** What the service holds for its whole life. */
export type AppContext = {
  appId: string;
  dapr: Dapr;
  state: StateStore<TaskReminders>;
  logger: Logger;
};

/** A reference to a task: the task subgraph knows the rest. */
export type TaskReference = { id: string };

export type RequestContext = AppContext & {
  identity: Identity | undefined;
  /** What the scheduler knows of the caller's own tasks, by task id; null for any other. */
  taskReminders: DataLoader<string, TaskReminders | null>;
};

/** The context of one request. */
export function requestContext(app: AppContext, identity: Identity | undefined): RequestContext {
  const taskReminders = new DataLoader<string, TaskReminders | null>(async (ids) => {
    const documents = await app.state.getMany(ids.map(remindersKey));
    return ids.map((id) => {
      const found = documents.get(remindersKey(id))?.value;
      return found && found.ownerId === identity?.sub ? found : null;
    });
  });
  return { ...app, identity, taskReminders };
}
