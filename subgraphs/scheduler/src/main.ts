import { readConfig, serviceConfig } from '@todo/service/config';
import { createDapr } from '@todo/service/dapr';
import { createLogger } from '@todo/service/logger';
import { startSubgraph } from '@todo/service/server';
import { stopOnSignal } from '@todo/service/shutdown';
import { openState } from '@todo/service/state';
import { type AppContext, requestContext } from './context.ts';
import { eventHandlers } from './events/index.ts';
import { fireReminder } from './fire-reminder.ts';
import type { TaskReminders } from './reminder.ts';
import { resolvers } from './resolvers/index.ts';

const config = readConfig(serviceConfig);
const logger = createLogger(config.APP_ID, config.LOG_LEVEL);
const dapr = createDapr({ endpoint: config.DAPR_HTTP_ENDPOINT, apiToken: config.DAPR_API_TOKEN });
const app: AppContext = {
  appId: config.APP_ID,
  dapr,
  state: openState<TaskReminders>(dapr.client, 'scheduler-state'),
  logger,
};

const server = await startSubgraph({
  config,
  logger,
  dapr,
  schemaFile: new URL('../../../schema/scheduler.graphql', import.meta.url),
  resolvers,
  createContext: ({ identity }) => requestContext(app, identity),
  events: eventHandlers(app),
  onJob: (name, data) => fireReminder(app, name, data),
});

await dapr.outboundReady();
server.ready();
stopOnSignal(async () => {
  await server.stop();
  await dapr.stop();
}, logger);
