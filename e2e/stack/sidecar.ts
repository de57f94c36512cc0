import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { findBinaries } from '@todo/dev/dapr/binaries';
import { createDapr, type Dapr } from '@todo/service/dapr';
import { freePort } from '@todo/service/testing/free-port';

/** A sidecar of a test's own, without an app. */
export type Sidecar = { dapr: Dapr; stop(): Promise<void> };

/**
 * Starts one on free ports, and resolves once its components are up.
 * @param options.appId the app that it passes for: components have scopes
 * @param options.resources the folder of its components
 */
export async function startSidecar(options: {
  appId: string;
  resources: string;
  env?: Record<string, string>;
}): Promise<Sidecar> {
  const binaries = findBinaries(resolve('.'), process.env);
  if (!binaries) throw new Error('Dapr is not built');
  const [http, grpc, internal, metrics] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const daprd = spawn(
    join(binaries.dir, 'daprd'),
    [
      `--app-id=${options.appId}`,
      `--dapr-http-port=${http}`,
      `--dapr-grpc-port=${grpc}`,
      `--dapr-internal-grpc-port=${internal}`,
      `--metrics-port=${metrics}`,
      '--dapr-listen-addresses=127.0.0.1',
      '--dapr-internal-grpc-listen-address=127.0.0.1',
      '--metrics-listen-address=127.0.0.1',
      `--resources-path=${options.resources}`,
      '--scheduler-host-address=',
      '--log-level=error',
    ],
    { stdio: 'ignore', env: { ...process.env, ...options.env } },
  );
  const dapr = createDapr({ endpoint: `http://127.0.0.1:${http}`, apiToken: 'none' });
  async function stop(): Promise<void> {
    await dapr.stop();
    const gone = once(daprd, 'exit');
    daprd.kill('SIGKILL');
    await gone;
  }
  try {
    await dapr.outboundReady(30_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return { dapr, stop };
}
