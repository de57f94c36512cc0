import { stopStack } from './start.ts';

/** Stops the stack and waits until all of it is gone. */
export default async function teardown(): Promise<void> {
  if (globalThis.stack) await stopStack(globalThis.stack);
  await globalThis.redis?.stop();
  await globalThis.zipkin?.stop();
}
