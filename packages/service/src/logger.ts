import { pino, type Logger } from 'pino';

export type { Logger };

/** Structured logs on standard output. Headers that carry credentials are dropped wherever an object holds them. */
export function createLogger(name: string, level: string): Logger {
  return pino({
    name,
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: ['authorization', 'cookie', '*.authorization', '*.cookie', '*["dapr-api-token"]', '*["x-identity"]'],
      remove: true,
    },
  });
}
