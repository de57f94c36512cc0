import type { ChildProcess } from 'node:child_process';
import { DATA } from './paths.ts';
import { startStack } from './start.ts';

declare global {
  var stack: ChildProcess | undefined;
}

/** Starts the stack that the tests run over. */
export default async function setup(): Promise<void> {
  globalThis.stack = await startStack(DATA);
}
