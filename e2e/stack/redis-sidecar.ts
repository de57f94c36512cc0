import { redisEnv } from '@todo/dev/apps/scheduler-state';
import { startRedis, type TestRedis } from '@todo/service/testing/redis';
import { type Sidecar, startSidecar } from './sidecar.ts';

/** A sidecar of its own with the scheduler's state in a Redis of its own: as `npm start` has it where REDIS_URL is set. */
export type RedisSidecar = Sidecar & { redis: TestRedis };

export async function startRedisSidecar(): Promise<RedisSidecar> {
  const appId = 'scheduler-service';
  const redis = await startRedis();
  try {
    const resources = 'dev/dapr/scheduler-state/redis';
    const { dapr, stop } = await startSidecar({ appId, resources, env: redisEnv(redis.url, appId) });
    return {
      dapr,
      redis,
      async stop() {
        await stop();
        await redis.stop();
      },
    };
  } catch (error) {
    await redis.stop();
    throw error;
  }
}
