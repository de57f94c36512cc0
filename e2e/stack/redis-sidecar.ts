import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { redisEnv } from '@todo/dev/apps/scheduler-state';
import { findBinaries } from '@todo/dev/dapr/binaries';
import { createDapr, type Dapr } from '@todo/service/dapr';
import { freePort } from '@todo/service/testing/free-port';
import { startRedis, type TestRedis } from '@todo/service/testing/redis';

/** A sidecar of its own with the scheduler's state in a Redis of its own: as `npm start` has it where REDIS_URL is set. */
export type RedisSidecar = { dapr: Dapr; redis: TestRedis; stop(): Promise<void> };

export async function startRedisSidecar(): Promise<RedisSidecar> {
  const binaries = findBinaries(resolve('.'), process.env);
  if (!binaries) throw new Error('Dapr is not built');
  const redis = await startRedis();
  const [http, grpc, internal, metrics] = await Promise.all([freePort(), freePort(), freePort(), freePort()]);
  const daprd = spawn(
    join(binaries.dir, 'daprd'),
    [
      '--app-id=scheduler-service',
      `--dapr-http-port=${http}`,
      `--dapr-grpc-port=${grpc}`,
      `--dapr-internal-grpc-port=${internal}`,
      `--metrics-port=${metrics}`,
      '--dapr-listen-addresses=127.0.0.1',
      '--dapr-internal-grpc-listen-address=127.0.0.1',
      '--metrics-listen-address=127.0.0.1',
      '--resources-path=dev/dapr/scheduler-state/redis',
      '--scheduler-host-address=',
      '--log-level=error',
    ],
    { stdio: 'ignore', env: { ...process.env, ...redisEnv(redis.url, 'scheduler-service') } },
  );
  const dapr = createDapr({ endpoint: `http://127.0.0.1:${http}`, apiToken: 'none' });
  async function stop(): Promise<void> {
    await dapr.stop();
    const gone = once(daprd, 'exit');
    daprd.kill('SIGKILL');
    await gone;
    await redis.stop();
  }
  try {
    await dapr.outboundReady(30_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return { dapr, redis, stop };
}
