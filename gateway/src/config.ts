import { hostname } from 'node:os';
import { port } from '@todo/service/config';
import { z } from 'zod';

const count = z.coerce.number().int().min(1);
const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== ''),
);

/** Everything that the gateway can be told, by environment variable or (but for tokens) by flag. */
export const gatewayConfig = z
  .object({
    SUPERGRAPH: z.string().describe('file with the supergraph SDL; read again whenever it changes'),
    HOST: z.string().default('127.0.0.1').describe('address of the public port'),
    PORT: port.default(4000).describe('public port: /graphql, /healthz, /readyz'),
    INTERNAL_HOST: z.string().default('127.0.0.1').describe('address of the internal port'),
    INTERNAL_PORT: port.optional().describe('internal port: events from the own sidecar, /metrics (default: APP_PORT)'),
    APP_PORT: port.optional().describe('the port that Dapr knows the app by'),
    NODE_ENV: z.string().default('production').describe('`development` opens the landing page and Apollo Sandbox'),
    LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),

    AUTH: z.enum(['required', 'optional', 'off']).default('required').describe('whether callers need a token'),
    AUTH_ISSUER: z.string().optional().describe('`iss` of accepted tokens'),
    AUTH_AUDIENCE: z.string().optional().describe('`aud` of accepted tokens'),
    AUTH_JWKS_URL: z.url().optional().describe("the issuer's keys"),

    APP_ID: z.string().default('api-gateway').describe("the gateway's Dapr app id"),
    DAPR_HTTP_ENDPOINT: z.url().optional().describe("the own sidecar's HTTP API; without it there are no live events"),
    DAPR_API_TOKEN: z.string().optional().describe('what the sidecar asks of the gateway'),
    APP_API_TOKEN: z.string().optional().describe('what the gateway asks of its sidecar'),
    TOPIC_PARTITIONS: count.optional().describe('how many partitions each topic has'),
    REPLICA_ID: z
      .string()
      .default(`${hostname()}-${process.pid}`)
      .describe("this replica's name, unique among replicas"),

    CORS_ORIGINS: list.default([]).describe('origins of browsers that may call, comma-separated'),
    INTROSPECTION: z
      .stringbool()
      .optional()
      .describe('whether the schema may be asked for (default: not in production)'),

    MAX_BODY_BYTES: count.default(1024 * 1024).describe('size of a request body or a WebSocket message'),
    MAX_TOKENS: count.default(5000).describe('lexical tokens of an operation'),
    MAX_DEPTH: count.default(20).describe('nesting of an operation'),
    MAX_SUBSCRIPTIONS: count.default(10_000).describe('concurrent subscriptions of this process'),
    MAX_QUEUED_EVENTS: count.default(1000).describe('events that a slow subscriber may fall behind'),
    PLAN_CACHE_SIZE: count.default(1000).describe('query plans kept'),
    SUBGRAPH_TIMEOUT_MS: count.default(10_000).describe('time a subgraph may take to answer, in milliseconds'),
    SUBGRAPH_CONNECTIONS: count.default(128).describe('connections per subgraph origin'),
    MAX_SUBGRAPH_RESPONSE_BYTES: count.default(16 * 1024 * 1024).describe("size of a subgraph's answer"),
  })
  .superRefine((config, context) => {
    const need = (keys: (keyof typeof config)[], because: string): void => {
      for (const key of keys)
        if (config[key] === undefined)
          context.addIssue({ code: 'custom', path: [key], message: `is required ${because}` });
    };
    if (config.AUTH !== 'off') need(['AUTH_ISSUER', 'AUTH_AUDIENCE', 'AUTH_JWKS_URL'], `with AUTH=${config.AUTH}`);
    if (config.DAPR_HTTP_ENDPOINT !== undefined) {
      need(['DAPR_API_TOKEN', 'APP_API_TOKEN', 'TOPIC_PARTITIONS'], 'with DAPR_HTTP_ENDPOINT');
      if (config.APP_PORT === undefined) need(['INTERNAL_PORT'], 'with DAPR_HTTP_ENDPOINT');
    }
  })
  .transform((config) => ({
    ...config,
    INTERNAL_PORT: config.INTERNAL_PORT ?? config.APP_PORT,
    INTROSPECTION: config.INTROSPECTION ?? config.NODE_ENV !== 'production',
  }));

export type GatewayConfig = z.infer<typeof gatewayConfig>;
