import { once } from 'node:events';

/** Stops the stack and waits until all of it is gone. */
export default async function teardown(): Promise<void> {
  const child = globalThis.stack;
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}
