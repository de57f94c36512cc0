import type { ChildProcess } from 'node:child_process';
import { startRedis, type TestRedis } from '@todo/service/testing/redis';
import { DATA } from './paths.ts';
import { startStack } from './start.ts';

declare global {
  var stack: ChildProcess | undefined;
  var redis: TestRedis | undefined;
}

/** Starts the stack that the tests run over: with a Redis where E2E_REDIS is set. */
export default async function setup(): Promise<void> {
  if (process.env['E2E_REDIS']) globalThis.redis = await startRedis();
  try {
    globalThis.stack = await startStack(DATA, globalThis.redis ? { REDIS_URL: globalThis.redis.url } : {});
  } catch (error) {
    await globalThis.redis?.stop();
    throw error;
  }
}
