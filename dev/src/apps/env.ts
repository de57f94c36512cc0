import { join } from 'node:path';
import { PARTITIONS } from '@todo/service/topics';
import { NAMESPACE } from '../dapr/sentry.ts';
import { databases, databaseVariable } from '../postgres/databases.ts';
import type { Auth, Infrastructure } from '../start/infrastructure.ts';
import { setting } from '../start/prepare.ts';
import type { Stack } from '../start/stack.ts';
import { pagesDir } from '../web/build.ts';
import type { App } from './list.ts';
import { smsEnv } from './sms.ts';

/** The tokens with which an app and its sidecar know each other; no other pair has them. */
const tokens = (stack: Pick<Stack, 'secrets'>, app: App): { DAPR_API_TOKEN: string; APP_API_TOKEN: string } => {
  const own = stack.secrets.apps[app.id];
  if (own === undefined) throw new Error(`there are no tokens for ${app.id}`);
  return { DAPR_API_TOKEN: own.daprApiToken, APP_API_TOKEN: own.appApiToken };
};

/** What an app is told: its own settings of the list, its ports, its tokens and its database. */
export const appEnv = (stack: Pick<Stack, 'secrets' | 'root' | 'env'>, infra: Infrastructure, app: App) => {
  const database = databases.find((each) => each.app === app.id);
  return {
    LOG_LEVEL: 'info',
    ...app.env,
    APP_ID: app.id,
    APP_PORT: String(app.port),
    HOST: app.publicPort === undefined ? '127.0.0.1' : app.publicHost,
    DAPR_HTTP_ENDPOINT: `http://127.0.0.1:${app.daprHttpPort}`,
    DAPR_HTTP_PORT: String(app.daprHttpPort),
    DAPR_GRPC_PORT: String(app.daprGrpcPort),
    ...tokens(stack, app),
    ...(database === undefined ? {} : { [databaseVariable(database.name)]: infra.databaseUrls[database.name] }),
    ...(app.id === 'notification-service' ? { ...infra.mail, ...webPushEnv(stack) } : {}),
    ...smsEnv(stack, app.id),
    ...(app.publicPort === undefined ? {} : gatewayEnv(stack, infra.auth, app)),
  };
};

/** The key pair of web push. */
export const webPushEnv = ({ secrets: { vapid } }: Pick<Stack, 'secrets'>): Record<string, string> =>
  vapid
    ? {
        VAPID_PUBLIC_KEY: vapid.publicKey,
        VAPID_PRIVATE_KEY: vapid.privateKey,
        VAPID_SUBJECT: 'mailto:operator@todo.local',
      }
    : {};

/** What only the app with the public door is told. */
const gatewayEnv = ({ root, env }: Pick<Stack, 'root' | 'env'>, auth: Auth, app: App) => ({
  INTERNAL_HOST: '127.0.0.1',
  INTERNAL_PORT: String(app.port),
  SUPERGRAPH: setting(env, 'SUPERGRAPH') ?? join(root, 'schema', 'supergraph.graphql'),
  TOPIC_PARTITIONS: String(PARTITIONS),
  PAGES_DIR: pagesDir(root),
  PAGES_WITH_INLINE_STYLES: 'graphiql',
  AUTH: 'required',
  AUTH_ISSUER: auth.issuer,
  AUTH_JWKS_URL: auth.jwksUrl,
  AUTH_AUDIENCE: auth.audience,
});

/** What an app's sidecar is told: its identity, and of the databases only the app's own. */
export const sidecarEnv = (stack: Pick<Stack, 'secrets'>, infra: Infrastructure, app: App) => ({
  NAMESPACE,
  POD_NAME: app.podName,
  DAPR_HOST_IP: '127.0.0.1',
  DAPR_TRUST_ANCHORS: infra.trust.anchors,
  KAFKA_BROKERS: infra.kafkaBrokers.join(','),
  ...tokens(stack, app),
  ...Object.fromEntries(
    databases
      .filter(({ sidecar }) => sidecar?.app === app.id)
      .map(({ name, sidecar }) => [sidecar?.variable, infra.databaseUrls[name]]),
  ),
});
