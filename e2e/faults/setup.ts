import { DATA } from '../stack/paths.ts';
import { startStack } from '../stack/start.ts';

/** Starts the stack that faults happen to: a part that crashes is a finding, and no reason to stop the others. */
export default async function setup(): Promise<void> {
  globalThis.stack = await startStack(DATA, { RATE_LIMIT_PER_MINUTE: '0' }, ['--fresh', '--stay']);
}
