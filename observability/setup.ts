import { ensureInstalled } from '@todo/service/testing/programs';
import { DATA } from '../e2e/stack/paths.ts';
import { startStack } from '../e2e/stack/start.ts';
import { startZipkinServer } from './zipkin.ts';

/** Starts the stack that the tests run over, and a Zipkin server that its traces go to (`ZIPKIN_URL`). */
export default async function setup(): Promise<void> {
  ensureInstalled('prometheus');
  globalThis.zipkin = await startZipkinServer();
  process.env['ZIPKIN_URL'] = globalThis.zipkin.url;
  try {
    globalThis.stack = await startStack(DATA);
  } catch (error) {
    await globalThis.zipkin.stop();
    throw error;
  }
}
