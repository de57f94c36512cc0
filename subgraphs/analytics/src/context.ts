import type { MikroORM } from '@mikro-orm/postgresql';
import type { Identity } from '@todo/service/identity';

/** What the service holds for its whole life. */
export type AppContext = {
  orm: MikroORM;
  /** What reports are read from: a replica where there is one. */
  reader: MikroORM;
};

/** References to a task and a user: other subgraphs know the rest. */
export type TaskReference = { id: string };
export type UserReference = { id: string };

export type RequestContext = AppContext & { identity: Identity | undefined };
