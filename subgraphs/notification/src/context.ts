import type { MikroORM } from '@mikro-orm/postgresql';
import type { Dapr } from '@todo/service/dapr';
import type { Logger } from '@todo/service/logger';
import type { OutboxRelay } from '@todo/service/outbox';
import type { SubgraphRequest } from '@todo/service/server';
import type { StateStore } from '@todo/service/state';
import DataLoader from 'dataloader';
import type { AddressRules } from './channels/addresses.ts';
import { deliveriesByNotification } from './deliveries/read.ts';
import type { Delivery } from './deliveries/delivery.ts';
import type { DeliveryWorkers } from './deliveries/worker.ts';
import { entriesById } from './feed/read.ts';
import type { FeedEntry } from './feed-entry.ts';
import type { Channel as ChannelName } from './generated/resolvers.ts';
import { type Recipient, recipientKey } from './recipient/recipient.ts';
import { latestByTask } from './resolvers/task-notifications.ts';

/** What the service holds for its whole life. */
export type AppContext = {
  appId: string;
  dapr: Dapr;
  /** Feed entries, recipients, the log of deliveries, dead letters, marks of processed events, and the outbox. */
  state: StateStore<unknown>;
  orm: MikroORM;
  relay: Pick<OutboxRelay, 'nudge'>;
  workers: Pick<DeliveryWorkers, 'nudge'>;
  /** The channels that are set up. */
  channels: ReadonlySet<ChannelName>;
  /** Where webhooks and push subscriptions may point to. */
  addresses: AddressRules;
  /** The public key of web push: undefined where it is not set up. */
  webPushKey: string | undefined;
  logger: Logger;
};

/** References to entities that other subgraphs own. */
export type TaskReference = { id: string };
export type UserReference = { id: string };

export type RequestContext = AppContext &
  SubgraphRequest & {
    /** The caller's own feed entries by id: those of one request are read at once; null for any other id. */
    notifications: DataLoader<string, FeedEntry | null>;
    /** The caller's newest feed entries about a task, `first` of them: one query for all tasks of a request. */
    byTask: DataLoader<{ taskId: string; first: number }, FeedEntry[], string>;
    /** What was sent of a notification. */
    deliveries: DataLoader<string, LoggedDelivery[]>;
    /** What is known of the caller: undefined where nothing is. */
    recipient: () => Promise<Recipient | undefined>;
  };

/** What the read side knows of a delivery. */
export type LoggedDelivery = Pick<Delivery, 'id' | 'channel' | 'status' | 'dueAt' | 'attempts'>;

/** The context of one request. */
export function requestContext(app: AppContext, request: SubgraphRequest): RequestContext {
  const sub = request.identity?.sub;
  let recipient: Promise<Recipient | undefined> | undefined;
  const read = async (ownerId: string) => (await app.state.get(recipientKey(ownerId)))?.value as Recipient | undefined;
  return {
    ...app,
    ...request,
    notifications: new DataLoader((ids) => entriesById(app.orm, sub, ids)),
    byTask: new DataLoader((keys) => latestByTask(app.orm, sub, keys), {
      cacheKeyFn: ({ taskId, first }) => `${first}:${taskId}`,
    }),
    deliveries: new DataLoader((ids) => deliveriesByNotification(app.orm, ids)),
    recipient: () => (recipient ??= sub === undefined ? Promise.resolve(undefined) : read(sub)),
  };
}
