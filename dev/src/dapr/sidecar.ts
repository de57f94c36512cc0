import { join } from 'node:path';
import type { App } from '../apps/list.ts';
import { sidecarPorts } from '../apps/list.ts';
import { redisEnv, resourcePaths } from '../apps/scheduler-state.ts';
import { smsResources } from '../apps/sms.ts';
import { stages } from '../parts/part.ts';
import type { Part } from '../parts/part.ts';
import { answers } from '../parts/wait.ts';
import type { Infrastructure } from '../start/infrastructure.ts';
import { setting } from '../start/prepare.ts';
import { inheritedEnv } from '../start/stack.ts';
import type { Stack } from '../start/stack.ts';
import { sidecarEnv } from '../apps/env.ts';
import { TRUST_DOMAIN } from './sentry.ts';

export const sidecarName = (appName: string): string => `${appName}-dapr`;

/** An app's sidecar: ready when it can call out, which it can before its app is there. */
export const sidecarPart = (stack: Stack, infra: Infrastructure, app: App): Part => ({
  name: sidecarName(app.name),
  command: join(infra.dapr.dir, 'daprd'),
  args: [
    `--app-id=${app.id}`,
    `--app-port=${app.port}`,
    '--app-protocol=http',
    '--app-channel-address=127.0.0.1',
    `--dapr-http-port=${app.daprHttpPort}`,
    `--dapr-grpc-port=${app.daprGrpcPort}`,
    '--dapr-listen-addresses=127.0.0.1',
    `--dapr-internal-grpc-port=${app.daprInternalGrpcPort}`,
    '--dapr-internal-grpc-listen-address=127.0.0.1',
    `--metrics-port=${app.metricsPort}`,
    '--metrics-listen-address=127.0.0.1',
    ...[...resourcePaths(app.resources, setting(stack.env, 'REDIS_URL')), ...smsResources(stack, app.id)].map(
      (path) => `--resources-path=${path}`,
    ),
    `--config=${app.configFile}`,
    `--log-level=${app.logLevel}`,
    '--enable-mtls',
    `--sentry-address=${infra.trust.sentryAddress}`,
    `--control-plane-trust-domain=${TRUST_DOMAIN}`,
    `--scheduler-host-address=${infra.schedulerAddress}`,
    // The identity header holds all claims of a token: the default of 4 KiB is soon too little.
    '--read-buffer-size=64Ki',
    '--dapr-graceful-shutdown-seconds=3',
    '--enable-profiling=false',
  ],
  env: {
    ...inheritedEnv(stack.env),
    ...sidecarEnv(stack, infra, app),
    ...redisEnv(setting(stack.env, 'REDIS_URL'), app.id),
  },
  port: app.daprHttpPort,
  listens: sidecarPorts(app),
  stage: stages.sidecar,
  stopSignal: 'SIGTERM',
  isReady: answers(`http://127.0.0.1:${app.daprHttpPort}/v1.0/healthz/outbound`, 204),
  readyWithinMs: 60_000,
  stopWithinMs: 10_000,
});
