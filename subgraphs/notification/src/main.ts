import { readConfig } from '@todo/service/config';
import { createDapr } from '@todo/service/dapr';
import { createLogger } from '@todo/service/logger';
import { migrate, openDatabase } from '@todo/service/orm';
import { startOutboxRelay } from '@todo/service/outbox';
import { startSubgraph } from '@todo/service/server';
import { stopOnSignal } from '@todo/service/shutdown';
import { openState } from '@todo/service/state';
import { notificationConfig } from './config.ts';
import { type AppContext, requestContext } from './context.ts';
import { database } from './database.ts';
import { eventHandlers } from './events/index.ts';
import { resolvers } from './resolvers/index.ts';

const config = readConfig(notificationConfig);
const logger = createLogger(config.APP_ID, config.LOG_LEVEL);
const dapr = createDapr({ endpoint: config.DAPR_HTTP_ENDPOINT, apiToken: config.DAPR_API_TOKEN });
const orm = await openDatabase(config.NOTIFICATION_DATABASE_URL, database, logger);

const server = await startSubgraph({
  config,
  logger,
  dapr,
  schemaFile: new URL('../../../schema/notification.graphql', import.meta.url),
  resolvers,
  createContext: ({ identity }) => requestContext(app, identity),
  events: eventHandlers(() => app),
});

// The sidecar waits for this server to listen, and makes the state table before it says that it is ready.
await dapr.outboundReady();
await migrate(orm);
const relay = startOutboxRelay({ databaseUrl: config.NOTIFICATION_DATABASE_URL, dapr, logger });
const app: AppContext = {
  appId: config.APP_ID,
  dapr,
  state: openState(dapr.client, 'notification-state'),
  orm,
  relay,
  logger,
};
server.ready();
stopOnSignal(async () => {
  await server.stop();
  await relay.stop();
  await orm.close();
  await dapr.stop();
}, logger);
