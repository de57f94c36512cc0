import { setTimeout } from 'node:timers/promises';
import type { GatewayContext } from '../context.ts';
import type { Origin } from './origin.ts';

const RETRY_MS = 1000;

/**
 * Reads a supergraph for the first time. An origin that may come to answer is asked again, with a line in the log each
 * time, until `SUPERGRAPH_START_SECONDS` are over. Rejects with what to look at.
 */
export async function readFirst(origin: Origin, { config, logger }: GatewayContext): Promise<string> {
  const end = performance.now() + config.SUPERGRAPH_START_SECONDS * 1000;
  for (;;) {
    try {
      return (await origin.read()) as string;
    } catch (error) {
      const why = error instanceof Error ? error.message || error.name : String(error);
      if (!origin.mayRecover || performance.now() + RETRY_MS > end)
        throw new Error(`the supergraph cannot be read from ${origin.name}: ${why}`, { cause: error });
      logger.warn({ origin: origin.name, why }, 'the supergraph cannot be read: trying again');
      await setTimeout(RETRY_MS);
    }
  }
}
