import type { MikroORM } from '@mikro-orm/postgresql';
import type { Dapr } from '@todo/service/dapr';
import type { OutboxRelay } from '@todo/service/outbox';
import type { SubgraphRequest } from '@todo/service/server';
import type { StateStore } from '@todo/service/state';
import DataLoader from 'dataloader';
import { type TaskDocument, type TaskState, isTaskId, taskKey } from './task.ts';

/** What the service holds for its whole life. */
export type AppContext = {
  appId: string;
  dapr: Dapr;
  state: StateStore<TaskState>;
  orm: MikroORM;
  relay: Pick<OutboxRelay, 'nudge'>;
};

/** A reference to a user: the other subgraphs and the identity provider know more. */
export type UserReference = { id: string };

export type RequestContext = AppContext &
  SubgraphRequest & {
    /** The caller's own tasks by id: those of one request are read from state at once; null for any other id. */
    tasks: DataLoader<string, TaskDocument | null>;
  };

/** The context of one request. */
export function requestContext(app: AppContext, request: SubgraphRequest): RequestContext {
  const { identity } = request;
  const tasks = new DataLoader<string, TaskDocument | null>(async (ids) => {
    const documents = await app.state.getMany(ids.filter(isTaskId).map(taskKey));
    return ids.map((id) => {
      const task = documents.get(taskKey(id))?.value as TaskDocument | undefined;
      return task && task.ownerId === identity?.sub ? task : null;
    });
  });
  return { ...app, ...request, tasks };
}
