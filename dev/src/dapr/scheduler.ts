import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { stages } from '../parts/part.ts';
import type { Part } from '../parts/part.ts';
import { answers } from '../parts/wait.ts';
import { inheritedEnv } from '../start/stack.ts';
import type { Stack } from '../start/stack.ts';
import type { DaprBinaries } from './binaries.ts';
import { NAMESPACE, TRUST_DOMAIN } from './sentry.ts';
import type { Trust } from './sentry.ts';

/** The member of etcd's cluster of one; the name is Dapr's own default. */
const MEMBER = 'dapr-scheduler-server-0';

/** Starts the service that keeps jobs (in its own etcd) and returns its address. */
export const startDaprScheduler = async (stack: Stack, { dir }: DaprBinaries, trust: Trust): Promise<string> => {
  const { dataDir, ports, supervisor, signal } = stack;
  const data = join(dataDir, 'dapr', 'scheduler');
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const address = `127.0.0.1:${ports.scheduler}`;
  const part: Part = {
    name: 'dapr-scheduler',
    command: join(dir, 'scheduler'),
    args: [
      '--mode=standalone',
      `--port=${ports.scheduler}`,
      '--listen-address=127.0.0.1',
      `--override-broadcast-host-port=${address}`,
      `--healthz-port=${ports.schedulerHealth}`,
      '--healthz-listen-address=127.0.0.1',
      `--metrics-port=${ports.schedulerMetrics}`,
      '--metrics-listen-address=127.0.0.1',
      '--tls-enabled',
      `--trust-domain=${TRUST_DOMAIN}`,
      `--trust-anchors-file=${trust.anchorsFile}`,
      `--sentry-address=${trust.sentryAddress}`,
      `--identity-directory-write=${join(data, 'identity')}`,
      `--id=${MEMBER}`,
      `--etcd-data-dir=${data}`,
      `--etcd-initial-cluster=${MEMBER}=http://127.0.0.1:${ports.etcdPeer}`,
      `--etcd-client-port=${ports.etcdClient}`,
      '--etcd-client-listen-address=127.0.0.1',
      '--log-level=warn',
    ],
    env: { ...inheritedEnv(stack.env), NAMESPACE },
    port: ports.scheduler,
    stage: stages['dapr-scheduler'],
    stopSignal: 'SIGTERM',
    isReady: answers(`http://127.0.0.1:${ports.schedulerHealth}/healthz`),
    readyWithinMs: 60_000,
    stopWithinMs: 10_000,
  };
  await supervisor.start(part, signal);
  return address;
};
