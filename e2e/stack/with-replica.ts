import { afterAll, beforeAll } from '@jest/globals';
import { gateways, startGateway } from './replicas.ts';

/** A start waits for a consumer group that a killed member may still be in. */
const START_MS = 240_000;

/**
 * Has both replicas of the gateway run while the file's tests do, whatever they do to them. The second stays for other
 * files, and ends with the stack.
 */
export function withReplica(): void {
  beforeAll(startBoth, START_MS);
  afterAll(startBoth, START_MS);
}

const startBoth = async (): Promise<void> => {
  await Promise.all(gateways().map(startGateway));
};
