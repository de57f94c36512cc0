import type { MikroORM } from '@mikro-orm/postgresql';
import type { Dapr } from '@todo/service/dapr';
import type { Identity } from '@todo/service/identity';
import type { Logger } from '@todo/service/logger';
import type { OutboxRelay } from '@todo/service/outbox';
import type { StateStore } from '@todo/service/state';
import DataLoader from 'dataloader';
import { type FeedEntry, notificationKey } from './feed-entry.ts';
import { latestByTask } from './resolvers/task-notifications.ts';

/** What the service holds for its whole life. */
export type AppContext = {
  appId: string;
  dapr: Dapr;
  /** Feed entries, marks of processed events, and the outbox. */
  state: StateStore<unknown>;
  orm: MikroORM;
  relay: Pick<OutboxRelay, 'nudge'>;
  logger: Logger;
};

/** References to entities that other subgraphs own. */
export type TaskReference = { id: string };
export type UserReference = { id: string };

export type RequestContext = AppContext & {
  identity: Identity | undefined;
  /** The caller's own feed entries by id: those of one request are read at once; null for any other id. */
  notifications: DataLoader<string, FeedEntry | null>;
  /** The caller's newest feed entries about a task, `first` of them: one query for all tasks of a request. */
  byTask: DataLoader<{ taskId: string; first: number }, FeedEntry[], string>;
};

/** The context of one request. */
export function requestContext(app: AppContext, identity: Identity | undefined): RequestContext {
  const notifications = new DataLoader<string, FeedEntry | null>(async (ids) => {
    const documents = await app.state.getMany(ids.map(notificationKey));
    return ids.map((id) => {
      const found = documents.get(notificationKey(id))?.value as FeedEntry | undefined;
      return found && found.ownerId === identity?.sub ? found : null;
    });
  });
  const byTask = new DataLoader<{ taskId: string; first: number }, FeedEntry[], string>(
    (keys) => latestByTask(app.orm, identity?.sub, keys),
    { cacheKeyFn: ({ taskId, first }) => `${first}:${taskId}` },
  );
  return { ...app, identity, notifications, byTask };
}
