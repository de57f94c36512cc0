import { readConfig } from '@todo/service/config';
import { createDapr } from '@todo/service/dapr';
import { openDocuments } from '@todo/service/documents';
import { atMost } from '@todo/service/limit';
import { createLogger } from '@todo/service/logger';
import { startSubgraph } from '@todo/service/server';
import { stopOnSignal } from '@todo/service/shutdown';
import { schedulerConfig } from './config.ts';
import { type AppContext, requestContext } from './context.ts';
import { eventHandlers } from './events/index.ts';
import { fireReminder } from './fire-reminder.ts';
import { openHints } from './hints.ts';
import { type Reconciler, startReconciler } from './reconciler/start.ts';
import { fireRecurrence } from './recurrence/fire.ts';
import { isRecurrenceJob } from './recurrence/series.ts';
import { resolvers } from './resolvers/index.ts';
import { askTaskService } from './task-service.ts';

const config = readConfig(schedulerConfig);
const logger = createLogger(config.APP_ID, config.LOG_LEVEL);
const dapr = createDapr({ endpoint: config.DAPR_HTTP_ENDPOINT, apiToken: config.DAPR_API_TOKEN });
// Of a thousand jobs of one moment some are done soon, rather than all late.
const atOnce = atMost(32);
const documents = openDocuments(dapr, 'scheduler-state');
const app: AppContext = {
  appId: config.APP_ID,
  dapr,
  documents,
  hints: openHints(documents),
  tasks: askTaskService(dapr, config.TASK_APP_ID),
  taskAppId: config.TASK_APP_ID,
  remindBefore: config.REMIND_BEFORE,
  logger,
};

const server = await startSubgraph({
  config,
  logger,
  dapr,
  schemaFile: new URL('../../../schema/scheduler.graphql', import.meta.url),
  resolvers,
  createContext: (request) => requestContext(app, request),
  events: eventHandlers(app),
  onJob: (name, data) => atOnce(() => (isRecurrenceJob(name) ? fireRecurrence : fireReminder)(app, name, data)),
  bindings: { '/bindings/reconcile': () => reconciler.run() },
});

await dapr.outboundReady();
const reconciler: Reconciler = startReconciler(app, { maxJobs: config.RECONCILE_MAX_JOBS });
server.ready();
stopOnSignal(async () => {
  await server.stop();
  await reconciler.stop();
  await dapr.stop();
}, logger);
