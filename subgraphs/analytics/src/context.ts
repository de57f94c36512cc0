import type { MikroORM } from '@mikro-orm/postgresql';
import type { Identity } from '@todo/service/identity';

/** What the service holds for its whole life. */
export type AppContext = { orm: MikroORM };

/** A reference to a user. */
export type UserReference = { id: string };

export type RequestContext = AppContext & { identity: Identity | undefined };
