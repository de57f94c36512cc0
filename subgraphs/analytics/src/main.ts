import { readConfig } from '@todo/service/config';
import { createDapr } from '@todo/service/dapr';
import { createLogger } from '@todo/service/logger';
import { migrate, openDatabase } from '@todo/service/orm';
import { startSubgraph } from '@todo/service/server';
import { stopOnSignal } from '@todo/service/shutdown';
import { startClock } from './clock.ts';
import { analyticsConfig } from './config.ts';
import type { AppContext } from './context.ts';
import { database } from './database.ts';
import { eventHandlers } from './events/index.ts';
import { measureActiveTasks } from './metrics.ts';
import { countOpenTasks } from './report/figures.ts';
import { resolvers } from './resolvers/index.ts';
import { startUpkeep } from './upkeep/upkeep.ts';

const config = readConfig(analyticsConfig);
const logger = createLogger(config.APP_ID, config.LOG_LEVEL);
const dapr = createDapr({ endpoint: config.DAPR_HTTP_ENDPOINT, apiToken: config.DAPR_API_TOKEN });
const orm = await openDatabase(config.ANALYTICS_DATABASE_URL, database, logger);
const reader = config.ANALYTICS_READ_URL ? await openDatabase(config.ANALYTICS_READ_URL, database, logger) : orm;
const app: AppContext = { orm, reader };
const retention = { historyDays: config.HISTORY_DAYS };

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
await migrate(orm);
measureActiveTasks(() => countOpenTasks(orm), logger);
const stopUpkeep = startUpkeep(orm, retention, logger);
const stopClock = startClock(orm, logger);
server.ready();
stopOnSignal(async () => {
  await server.stop();
  await stopClock();
  await stopUpkeep();
  await Promise.all([...new Set([orm, reader])].map((one) => one.close()));
  await dapr.stop();
}, logger);
