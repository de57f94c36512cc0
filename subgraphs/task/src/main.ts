import { readConfig } from '@todo/service/config';
import { createDapr } from '@todo/service/dapr';
import { createLogger } from '@todo/service/logger';
import { migrate, openDatabase } from '@todo/service/orm';
import { startOutboxRelay } from '@todo/service/outbox';
import { startSubgraph } from '@todo/service/server';
import { stopOnSignal } from '@todo/service/shutdown';
import { openState } from '@todo/service/state';
import { taskConfig } from './config.ts';
import { type AppContext, requestContext } from './context.ts';
import { database } from './database.ts';
import { internalRoutes } from './internal/index.ts';
import { resolvers } from './resolvers/index.ts';
import type { TaskState } from './task.ts';

const config = readConfig(taskConfig);
const logger = createLogger(config.APP_ID, config.LOG_LEVEL);
const dapr = createDapr({ endpoint: config.DAPR_HTTP_ENDPOINT, apiToken: config.DAPR_API_TOKEN });
const orm = await openDatabase(config.TASK_DATABASE_URL, database, logger);
const server = await startSubgraph({
  config,
  logger,
  dapr,
  schemaFile: new URL('../../../schema/task.graphql', import.meta.url),
  resolvers,
  createContext: (request) => requestContext(app, request),
  internal: internalRoutes(() => app, config.SCHEDULER_APP_ID),
});

// The sidecar waits for this server to listen, and makes the state table before it says that it is ready.
await dapr.outboundReady();
await migrate(orm);
const relay = startOutboxRelay({ databaseUrl: config.TASK_DATABASE_URL, dapr, logger, tracing: server.tracing });
const app: AppContext = {
  appId: config.APP_ID,
  dapr,
  state: openState<TaskState>(dapr, 'task-state'),
  orm,
  relay,
};
server.ready();
stopOnSignal(async () => {
  await server.stop();
  await relay.stop();
  await orm.close();
  await dapr.stop();
}, logger);
