import { setTimeout as delay } from 'node:timers/promises';

/**
 * Asks `check` every 50 ms until it says true.
 * @throws the signal's reason when it is aborted first.
 */
export const until = async (check: () => Promise<boolean>, signal: AbortSignal): Promise<void> => {
  for (;;) {
    signal.throwIfAborted();
    if (await check()) return;
    await delay(50, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
};

/** A check that is true when the URL answers with this status (200 unless told). */
export const answers =
  (url: string, status = 200): (() => Promise<boolean>) =>
  async () => {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2000), redirect: 'manual' });
      await response.body?.cancel();
      return response.status === status;
    } catch (error) {
      // Not listening yet, or too slow to answer: the caller asks again. Anything else is a mistake of ours.
      if (error instanceof TypeError || (error as Error).name === 'TimeoutError') return false;
      throw error;
    }
  };

/** A check that is true when all of them are, asked one after the other. */
export const all =
  (...checks: (() => Promise<boolean>)[]): (() => Promise<boolean>) =>
  async () => {
    for (const check of checks) if (!(await check())) return false;
    return true;
  };
