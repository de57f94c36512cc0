import type { Logger } from './logger.ts';

/** What a `start…()` returns: ends what was started, and resolves when it has. */
export type Stop = () => Promise<void>;

/** Terminals signal a whole group, and npm passes the signal on: the same Ctrl-C may come twice. */
const SAME_SIGNAL_MS = 500;

const endAtOnce = (): never => process.exit(143);

/**
 * Lets a signal end the process at once, until `stopOnSignal`: while a program starts, nothing is under way that is to be
 * finished. Without this the first process of a container does not hear a signal.
 */
export function endOnSignal(): void {
  for (const signal of ['SIGTERM', 'SIGINT']) process.off(signal, endAtOnce).once(signal, endAtOnce);
}

/**
 * Calls `stop` once on SIGTERM or SIGINT, then ends the process: 0, or 1 where stopping failed or took longer than
 * `graceMs` milliseconds. A second signal ends it at once, with 1. An uncaught error stops the process like a signal,
 * with 1.
 */
export function stopOnSignal(stop: Stop, logger: Logger, graceMs = 10_000): void {
  let since: number | undefined;
  const end = (code: number): void => {
    if (since !== undefined) return;
    since = performance.now();
    setTimeout(() => {
      logger.error({ graceMs }, 'stopping took too long');
      process.exit(1);
    }, graceMs).unref();
    stop().then(
      () => process.exit(code),
      (error: unknown) => {
        logger.error(error, 'stopping failed');
        process.exit(1);
      },
    );
  };
  const onSignal = (signal: string): void => {
    if (since !== undefined && performance.now() - since > SAME_SIGNAL_MS) {
      logger.warn({ signal }, 'a second signal: stopping at once');
      process.exit(1);
    }
    end(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT']) {
    process.off(signal, endAtOnce);
    process.on(signal, onSignal);
  }
  process.on('uncaughtException', (error) => {
    logger.fatal(error, 'uncaught error');
    end(1);
  });
}
