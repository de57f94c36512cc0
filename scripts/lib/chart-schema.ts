import { z } from 'zod';
import { identityConfig } from '@todo/dev/identity/config';
import { gatewayConfig, isSecret } from '../../gateway/src/config.ts';
import { analyticsConfig } from '../../subgraphs/analytics/src/config.ts';
import { notificationConfig } from '../../subgraphs/notification/src/config.ts';
import { schedulerConfig } from '../../subgraphs/scheduler/src/config.ts';
import { taskConfig } from '../../subgraphs/task/src/config.ts';

type Schema = Record<string, unknown>;

/** The settings of each app. */
const settings: Record<string, Record<string, z.ZodType>> = {
  'api-gateway': gatewayConfig.in.shape,
  'task-service': taskConfig.shape,
  'scheduler-service': schedulerConfig.shape,
  'notification-service': notificationConfig.shape,
  'analytics-service': analyticsConfig.shape,
};

/** Beside what the gateway calls one: a URL can hold a password. */
const SECRETS = new Set(['SMTP_URL', 'VAPID_PRIVATE_KEY', 'ANALYTICS_READ_URL']);
const isHidden = (name: string): boolean => isSecret(name) || SECRETS.has(name);

/** What the chart itself says, from the app's ports, its secrets and the values for all. */
const OWN =
  /^(?:HOST|PORT|INTERNAL_HOST|INTERNAL_PORT|APP_ID|APP_PORT|PAGES_DIR|TOPIC_PARTITIONS|TRACE_SAMPLING_RATIO|ZIPKIN_URL)$/;
const isOwn = (name: string): boolean =>
  OWN.test(name) || name.startsWith('DAPR_') || name === 'APP_API_TOKEN' || name.endsWith('_DATABASE_URL');

const strict = (properties: Schema, more: Schema = {}): Schema => ({
  type: 'object',
  additionalProperties: false,
  properties,
  ...more,
});
const text: Schema = { type: 'string' };
const flag: Schema = { type: 'boolean' };
const count = (minimum: number): Schema => ({ type: 'integer', minimum });
const texts: Schema = { type: 'object', additionalProperties: text };
const amounts = strict({ cpu: text, memory: text });
const resources = strict({ requests: amounts, limits: amounts });
const digest: Schema = { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' };

/** A JSON schema of a service's values. Without an app: of the values for every service. */
function serviceProperties(app?: string): Schema {
  const all = app === undefined ? Object.assign({}, ...Object.values(settings)) : settings[app];
  const names = Object.keys(all).filter((name) => !isOwn(name));
  const open = names.filter((name) => !isHidden(name));
  const required = app === 'api-gateway' ? ['AUTH_ISSUER', 'AUTH_AUDIENCE', 'AUTH_JWKS_URL'] : [];
  const setting = (name: string): [string, Schema] => [
    name,
    {
      ...(all[name]?.description && { description: all[name].description }),
      type: ['string', 'number', 'boolean', 'array'],
      ...(required.includes(name) && { minLength: 1 }),
    },
  ];
  const secret = strict({ name: text, key: text }, { required: ['name', 'key'] });
  const track = ['blue', 'green'];
  return {
    ...(app === 'api-gateway' && {
      pages: strict({ enabled: flag, digest, resources }),
      tracks: strict({ deploy: { enum: track }, live: { enum: track }, keep: { enum: ['', ...track] } }),
    }),
    enabled: flag,
    replicas: count(1),
    digest,
    preStopSeconds: count(0),
    autoscaling: strict({ enabled: flag, maxReplicas: count(1), cpuPercent: { ...count(1), maximum: 100 } }),
    lagScaling: strict({ enabled: flag, lag: count(1) }),
    resources,
    sidecar: strict({ resources }),
    waitFor: strict({ resources }),
    env: strict(Object.fromEntries(open.map(setting)), required.length > 0 ? { required } : {}),
    secretEnv: strict(Object.fromEntries(names.filter(isHidden).map((name) => [name, secret]))),
    podAnnotations: texts,
    nodeSelector: texts,
    tolerations: { type: 'array', items: { type: 'object' } },
    priorityClassName: text,
    service: strict({
      type: { enum: ['ClusterIP', 'NodePort', 'LoadBalancer'] },
      port: { ...count(1), maximum: 65_535 },
      annotations: texts,
    }),
  };
}

const draft = { $schema: 'http://json-schema.org/draft-07/schema#' };
const print = (schema: Schema): string => `${JSON.stringify({ ...draft, ...schema }, null, 2)}\n`;

/** The values' schema of a service's chart. Helm adds `global` to what it checks. */
export const serviceSchema = (app: string): string =>
  print(
    strict(
      { ...serviceProperties(app), global: { type: 'object' } },
      app === 'api-gateway' ? { required: ['env'] } : {},
    ),
  );

/** The values' schema of the chart of the platform's own issuer. */
export const identitySchema = (): string =>
  print(
    strict({
      enabled: flag,
      digest,
      ingressFrom: peers,
      resources,
      env: strict(
        Object.fromEntries(
          Object.entries(identityConfig.shape)
            .filter(([name]) => !/^(?:HOST|PORT|DATABASE_URL|IDENTITY_SECRET)$/.test(name))
            .map(([name, { description }]) => [
              name,
              { ...(description && { description }), type: ['string', 'number', 'boolean', 'array'] },
            ]),
        ),
        { required: ['AUTH_ISSUER', 'AUTH_AUDIENCE'] },
      ),
      global: { type: 'object' },
    }),
  );

const peers: Schema = { type: 'array', items: { type: 'object' } };
const destination = strict(
  { ports: { type: 'array', minItems: 1, items: { ...count(1), maximum: 65_535 } }, to: peers },
  { required: ['ports'] },
);

/** The schema of the umbrella chart's values. */
export const umbrellaSchema = (): string =>
  print(
    strict({
      global: strict({
        image: strict({
          registry: { ...text, minLength: 1 },
          tag: text,
          pullPolicy: { enum: ['Always', 'IfNotPresent', 'Never'] },
          pullSecrets: { type: 'array', items: strict({ name: text }) },
        }),
        dapr: strict({
          controlPlaneNamespace: text,
          logLevel: { enum: ['debug', 'info', 'warn', 'error'] },
          gracefulShutdownSeconds: count(1),
          image: text,
        }),
        kafka: strict({
          brokers: { type: 'array', minItems: 1, items: { type: 'string', pattern: '^[^:]+:[0-9]+$' } },
          auth: { enum: ['none', 'tls', 'password', 'mtls'] },
          saslMechanism: { enum: ['SHA-256', 'SHA-512', 'PLAINTEXT'] },
          secret: text,
          privateCa: flag,
          replicationFactor: count(1),
          minInSyncReplicas: count(1),
        }),
        schedulerState: strict({
          store: { enum: ['postgresql', 'redis'] },
          redis: strict({ host: text, db: count(0), tls: flag }),
        }),
        tracing: strict({
          zipkinUrl: { type: 'string', pattern: '^(https?://.+)?$' },
          samplingRatio: { type: 'number', minimum: 0, maximum: 1 },
        }),
        monitoring: strict({
          enabled: flag,
          runbooks: { type: 'string', pattern: '^https?://.+' },
          labels: texts,
          interval: text,
          timeout: text,
        }),
        networkPolicy: strict({
          enabled: flag,
          test: flag,
          ingressFrom: peers,
          monitoringFrom: { ...peers, minItems: 1 },
          ...Object.fromEntries(
            ['kafka', 'postgres', 'redis', 'issuer', 'zipkin', 'smtp', 'web'].map((name) => [name, destination]),
          ),
        }),
        service: strict(serviceProperties()),
      }),
      topics: strict({
        enabled: flag,
        digest,
        timeoutSeconds: count(1),
        resources,
      }),
      // Each is checked by its own chart.
      ...Object.fromEntries(['common', 'identity', ...Object.keys(settings)].map((name) => [name, { type: 'object' }])),
    }),
  );
