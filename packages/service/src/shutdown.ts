import type { Logger } from './logger.ts';

/** What a `start…()` returns: ends what was started, and resolves when it has. */
export type Stop = () => Promise<void>;

/**
 * Calls `stop` once on SIGTERM or SIGINT, then ends the process: 0, or 1 where stopping failed or took longer than
 * `graceMs` milliseconds. An uncaught error stops the process the same way, with 1.
 */
export function stopOnSignal(stop: Stop, logger: Logger, graceMs = 10_000): void {
  let stopping = false;
  const end = (code: number): void => {
    if (stopping) return;
    stopping = true;
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
  process.once('SIGTERM', () => end(0));
  process.once('SIGINT', () => end(0));
  process.on('uncaughtException', (error) => {
    logger.fatal(error, 'uncaught error');
    end(1);
  });
}
