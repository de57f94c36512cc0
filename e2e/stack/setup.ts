import type { ChildProcess } from 'node:child_process';
import { startRedis, type TestRedis } from '@todo/service/testing/redis';
import { startZipkin, type ZipkinServer } from '@todo/service/testing/zipkin';
import { freePort } from '@todo/service/testing/free-port';
import { DATA } from './paths.ts';
import { RECEIVER_HOST } from './receiver.ts';
import { startStack } from './start.ts';

declare global {
  var stack: ChildProcess | undefined;
  var redis: TestRedis | undefined;
  var zipkin: Pick<ZipkinServer, 'url' | 'stop'> | undefined;
}

/**
 * Starts the stack that the tests run over, with a Redis where E2E_REDIS is set, and what takes its traces (`ZIPKIN_URL` in
 * the tests' environment). A test may take SMS at `SMS_URL`.
 */
export default async function setup(): Promise<void> {
  if (process.env['E2E_REDIS']) globalThis.redis = await startRedis();
  globalThis.zipkin = await startZipkin();
  process.env['ZIPKIN_URL'] = globalThis.zipkin.url;
  process.env['SMS_URL'] = `http://${RECEIVER_HOST}:${await freePort()}`;
  try {
    globalThis.stack = await startStack(DATA, {
      ...(globalThis.redis && { REDIS_URL: globalThis.redis.url }),
      // Receivers of the tests are on loopback, and fail at first.
      WEBHOOK_ALLOW_CIDRS: `${RECEIVER_HOST}/32`,
      DELIVERY_FIRST_RETRY_MS: '200',
      DELIVERY_TIMEOUT_MS: '10000',
      // What is under way when the service is killed may be sent twice: a test counts that.
      DELIVERY_CONCURRENCY: '1',
    });
  } catch (error) {
    await globalThis.redis?.stop();
    await globalThis.zipkin.stop();
    throw error;
  }
}
