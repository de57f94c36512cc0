import type { ChildProcess } from 'node:child_process';
import { startRedis, type TestRedis } from '@todo/service/testing/redis';
import { startZipkin, type ZipkinServer } from '@todo/service/testing/zipkin';
import { DATA } from './paths.ts';
import { startStack } from './start.ts';

declare global {
  var stack: ChildProcess | undefined;
  var redis: TestRedis | undefined;
  var zipkin: Pick<ZipkinServer, 'url' | 'stop'> | undefined;
}

/**
 * Starts the stack that the tests run over, with a Redis where E2E_REDIS is set, and what takes its traces (`ZIPKIN_URL` in
 * the tests' environment).
 */
export default async function setup(): Promise<void> {
  if (process.env['E2E_REDIS']) globalThis.redis = await startRedis();
  globalThis.zipkin = await startZipkin();
  process.env['ZIPKIN_URL'] = globalThis.zipkin.url;
  try {
    globalThis.stack = await startStack(DATA, {
      ...(globalThis.redis && { REDIS_URL: globalThis.redis.url }),
      // Receivers of the tests are on loopback, and fail at first.
      WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8',
      DELIVERY_FIRST_RETRY_MS: '200',
    });
  } catch (error) {
    await globalThis.redis?.stop();
    await globalThis.zipkin.stop();
    throw error;
  }
}
