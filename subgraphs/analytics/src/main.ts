import { readConfig } from '@todo/service/config';
import { createDapr } from '@todo/service/dapr';
import { createLogger } from '@todo/service/logger';
import { migrate, openDatabase } from '@todo/service/orm';
import { startSubgraph } from '@todo/service/server';
import { stopOnSignal } from '@todo/service/shutdown';
import { analyticsConfig } from './config.ts';
import type { AppContext } from './context.ts';
import { database } from './database.ts';
import { eventHandlers } from './events/index.ts';
import { resolvers } from './resolvers/index.ts';

const config = readConfig(analyticsConfig);
const logger = createLogger(config.APP_ID, config.LOG_LEVEL);
const dapr = createDapr({ endpoint: config.DAPR_HTTP_ENDPOINT, apiToken: config.DAPR_API_TOKEN });
const app: AppContext = { orm: await openDatabase(config.ANALYTICS_DATABASE_URL, database, logger) };

const server = await startSubgraph({
  config,
  logger,
  dapr,
  schemaFile: new URL('../../../schema/analytics.graphql', import.meta.url),
  resolvers,
  createContext: ({ identity }) => ({ ...app, identity }),
  events: eventHandlers(app),
});

await dapr.outboundReady();
await migrate(app.orm);
server.ready();
stopOnSignal(async () => {
  await server.stop();
  await app.orm.close();
  await dapr.stop();
}, logger);
