import { readConfig } from '@todo/service/config';
import { createDapr } from '@todo/service/dapr';
import { createLogger } from '@todo/service/logger';
import { migrate, openDatabase } from '@todo/service/orm';
import { startOutboxRelay } from '@todo/service/outbox';
import { startSubgraph } from '@todo/service/server';
import { stopOnSignal } from '@todo/service/shutdown';
import { openState } from '@todo/service/state';
import { openChannels } from './channels/index.ts';
import { notificationConfig } from './config.ts';
import { type AppContext, requestContext } from './context.ts';
import { database } from './database.ts';
import { keepLetter } from './dead-letters/keep.ts';
import { countOpen } from './dead-letters/list.ts';
import { createCircuits } from './deliveries/circuits.ts';
import { startWorkers } from './deliveries/worker.ts';
import { runDigests, setDigestJob } from './digests/job.ts';
import { eventHandlers } from './events/index.ts';
import { measureCircuits, measureDeadLetters } from './metrics.ts';
import { watchContacts } from './recipient/watch-contacts.ts';
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
  createContext(request) {
    contacts.seen(request.identity);
    return requestContext(app, request);
  },
  events: eventHandlers(() => app),
  onDeadLetter: (letter) => keepLetter(app, letter),
  onJob: () => runDigests(app),
});

// The sidecar waits for this server to listen, and makes the state table before it says that it is ready.
await dapr.outboundReady();
await migrate(orm);
measureDeadLetters(() => countOpen(orm), logger);
const relay = startOutboxRelay({
  databaseUrl: config.NOTIFICATION_DATABASE_URL,
  dapr,
  logger,
  tracing: server.tracing,
});
const state = openState<unknown>(dapr, 'notification-state');
const contacts = watchContacts({ state, logger });
const channels = openChannels(config, dapr);
const channelNames = channels.map(({ name }) => name);
const circuits = createCircuits();
measureCircuits(channelNames, circuits);
const policy = { maxAttempts: config.DELIVERY_MAX_ATTEMPTS, firstRetryMs: config.DELIVERY_FIRST_RETRY_MS };
const workers = startWorkers({ state, orm, logger }, channels, policy, circuits);
const app: AppContext = {
  appId: config.APP_ID,
  dapr,
  state,
  orm,
  relay,
  workers,
  channels: new Set(channelNames),
  addresses: config.WEBHOOK_ALLOW_CIDRS,
  webPushKey: config.VAPID_PRIVATE_KEY && config.VAPID_PUBLIC_KEY,
  logger,
};
await setDigestJob(dapr);
server.ready();
stopOnSignal(async () => {
  await server.stop();
  await contacts.stop();
  await workers.stop();
  await relay.stop();
  await orm.close();
  await dapr.stop();
}, logger);
