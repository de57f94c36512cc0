import { z } from 'zod';

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
 * @throws ConfigError that lists every problem at once
 */
export function parseConfig<T extends z.ZodType>(schema: T, values: Record<string, string | undefined>): z.infer<T> {
  const present = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== ''));
  const result = schema.safeParse(present);
  if (result.success) return result.data;
  throw new ConfigError(
    result.error.issues.map((issue) => {
      const key = issue.path.join('.') || '(root)';
      return `${key}: ${key in present ? issue.message : 'is required'}`;
    }),
  );
}

/**
 * `parseConfig` of the environment, for a program's start: prints all problems and exits with 1 where there are any.
 * The Dapr CLI tells an app its sidecar's port only: that stands for the endpoint, where none is given.
 */
export function readConfig<T extends z.ZodType>(schema: T, env = process.env): z.infer<T> {
  try {
    return parseConfig(schema, { DAPR_HTTP_ENDPOINT: sidecarEndpoint(env), ...env });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

/** The sidecar's HTTP API as DAPR_HTTP_ENDPOINT or DAPR_HTTP_PORT tells it. */
function sidecarEndpoint(env: Record<string, string | undefined>): string | undefined {
  return env['DAPR_HTTP_ENDPOINT'] ?? (env['DAPR_HTTP_PORT'] && `http://127.0.0.1:${env['DAPR_HTTP_PORT']}`);
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
});
export type ServiceConfig = z.infer<typeof serviceConfig>;
