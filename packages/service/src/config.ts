import { z } from 'zod';
import { tracingConfig } from './tracing.ts';

/** The configuration does not hold together. `problems` has one line each, starting with the key at fault. */
export class ConfigError extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(`invalid configuration:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/**
 * Turns named text values (environment variables, flags) into one typed object. An empty value counts as absent.
 * @param label how a problem names a key that has a value; where values have several sources, with where it came from
 * @param more problems found before, told with the others
 * @throws ConfigError that lists every problem at once
 */
export function parseConfig<T extends z.ZodType>(
  schema: T,
  values: Record<string, string | undefined>,
  label = (key: string): string => key,
  more: string[] = [],
): z.infer<T> {
  const present = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== ''));
  const result = schema.safeParse(present);
  if (result.success && more.length === 0) return result.data;
  const problems = (result.error?.issues ?? []).map((issue) => {
    const key = issue.path.join('.') || '(root)';
    return key in present ? `${label(key)}: ${issue.message}` : `${key}: is required`;
  });
  throw new ConfigError([...more, ...problems]);
}

/** `parseConfig` of the environment, for a program's start: prints all problems and exits with 1 where there are any. */
export function readConfig<T extends z.ZodType>(schema: T): z.infer<T> {
  return orExit(() => parseConfig(schema, environment()));
}

/** What `read` gives; where the configuration does not hold together, prints all problems and exits with 1. */
export function orExit<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

/**
 * The environment's variables. The Dapr CLI tells an app its sidecar's port only: that stands for the endpoint, where
 * none is given.
 */
export function environment(env = process.env): Record<string, string | undefined> {
  const { DAPR_HTTP_PORT: port, DAPR_HTTP_ENDPOINT = port && `http://127.0.0.1:${port}` } = env;
  return { ...env, DAPR_HTTP_ENDPOINT };
}

/** A TCP port as text. */
export const port = z.coerce.number().int().min(0).max(65_535);

/** What every service that runs beside a sidecar is told. */
export const serviceConfig = z.object({
  APP_ID: z.string(),
  APP_PORT: port,
  HOST: z.string().default('127.0.0.1').describe('address to listen on'),
  DAPR_HTTP_ENDPOINT: z.url().describe("the own sidecar's HTTP API"),
  DAPR_API_TOKEN: z.string().min(1).describe('what the sidecar asks of its app'),
  APP_API_TOKEN: z.string().min(1).describe('what the app asks of its sidecar'),
  GATEWAY_APP_ID: z.string().default('api-gateway').describe('the one app whose identity header is believed'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  ...tracingConfig,
});
export type ServiceConfig = z.infer<typeof serviceConfig>;
