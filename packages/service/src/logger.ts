import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger };

/**
 * Structured logs, a line each, on standard output unless there is a `destination`. Headers that carry credentials are
 * dropped wherever an object holds them.
 */
export function createLogger(
  name: string,
  level: string,
  destination: DestinationStream = pino.destination(1),
): Logger {
  const options = {
    name,
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: ['authorization', 'cookie', '*.authorization', '*.cookie', '*["dapr-api-token"]', '*["x-identity"]'],
      remove: true,
    },
  };
  return pino(options, destination);
}
