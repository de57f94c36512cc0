import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { PARTITIONS } from '@todo/service/topics';
import { webPushEnv } from '../apps/env.ts';
import { redisEnv } from '../apps/scheduler-state.ts';
import { NAMESPACE, TRUST_DOMAIN } from '../dapr/sentry.ts';
import { databases, databaseVariable } from '../postgres/databases.ts';
import type { Infrastructure } from './infrastructure.ts';
import { setting } from './prepare.ts';
import type { Stack } from './stack.ts';

/**
 * Writes what `dapr run -f .` needs to know of the infrastructure (`infra.env`, mode 0600) and returns the file's path.
 * The CLI gives its whole environment to every app and sidecar, so here all pairs share one pair of tokens.
 */
export const writeInfraEnv = (stack: Stack, infra: Infrastructure): string => {
  const token = randomBytes(24).toString('base64url');
  const values: Record<string, string> = {
    NAMESPACE,
    POD_NAME: 'local-0',
    DAPR_HOST_IP: '127.0.0.1',
    DAPR_TRUST_ANCHORS: infra.trust.anchors,
    DAPR_CONTROLPLANE_TRUST_DOMAIN: TRUST_DOMAIN,
    DAPR_SCHEDULER_HOST_ADDRESS_DNS_A: infra.schedulerAddress,
    DAPR_API_TOKEN: token,
    APP_API_TOKEN: token,
    KAFKA_BROKERS: infra.kafkaBrokers.join(','),
    TOPIC_PARTITIONS: String(PARTITIONS),
    SUPERGRAPH: join(stack.root, 'schema', 'supergraph.graphql'),
    AUTH: 'required',
    AUTH_ISSUER: infra.auth.issuer,
    AUTH_JWKS_URL: infra.auth.jwksUrl,
    AUTH_AUDIENCE: infra.auth.audience,
    ...infra.mail,
    ...webPushEnv(stack),
  };
  for (const { name, app, sidecar } of databases) {
    const url = infra.databaseUrls[name];
    if (url === undefined) continue;
    if (sidecar !== undefined) values[sidecar.variable] = url;
    if (app !== undefined) values[databaseVariable(name)] = url;
  }
  Object.assign(values, redisEnv(setting(stack.env, 'REDIS_URL'), 'scheduler-service'));
  const file = join(stack.dataDir, 'infra.env');
  writeFileSync(file, `${shellAssignments(values)}\n`, { mode: 0o600 });
  return file;
};

/** Lines that a POSIX shell reads as exactly these values. */
export const shellAssignments = (values: Record<string, string>): string =>
  Object.entries(values)
    .map(([name, value]) => `${name}='${value.replaceAll("'", String.raw`'\''`)}'`)
    .join('\n');
