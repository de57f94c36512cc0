import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { port } from '@todo/service/config';
import { tracingConfig } from '@todo/service/tracing';
import proxyAddress from 'proxy-addr';
import { z } from 'zod';
import { isReserved } from './subgraphs/reserved-headers.ts';

/** Containers have the same process number at each start, and often the same host name. */
const PROCESS_NAME = `${hostname()}-${randomUUID().slice(0, 8)}`;

const canCompile = (addresses: string[]): boolean => {
  try {
    proxyAddress.compile(addresses);
    return true;
  } catch {
    return false; // the refinement says what it should be
  }
};

/** An origin as browsers send it (RFC 6454, 6.2), of a page on the web: no `*`, no `null`, no path. */
const isWebOrigin = (text: string): boolean =>
  URL.canParse(text) && new URL(text).origin === text && /^https?:/.test(text);

const count = z.coerce.number().int().min(1);
const atLeast0 = z.coerce.number().int().min(0);
const list = z
  .string()
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  )
  .pipe(z.array(z.string()));
const timeouts = list
  .transform((items, context) =>
    items.map((item): [name: string, ms: number] => {
      const [, name, ms] = /^([^=]+)=([1-9]\d{0,8})$/.exec(item) ?? [];
      if (name === undefined) context.addIssue({ code: 'custom', message: `"${item}" is not name=milliseconds` });
      return [name ?? '', Number(ms)];
    }),
  )
  // What a file holds.
  .meta({ type: 'array', items: { type: 'string' } });

/** Signatures that only the holder of a private key can make: a shared secret would let every verifier issue tokens. */
const ASYMMETRIC = /^(?:[RP]S256|[RP]S384|[RP]S512|ES256|ES384|ES512|EdDSA|Ed25519)$/;

/** Without authentication there is nobody to be fair to: benchmarks and audits run so. */
const anyNumber = (preset: number): string => `0: any number (default: ${preset}, with AUTH=off any number)`;

const settings = z.object({
  SUPERGRAPH: z.string().describe('file or http(s) URL with the supergraph SDL; read again whenever it changes'),
  SUPERGRAPH_TOKEN: z.string().optional().describe('bearer token for that URL'),
  SUPERGRAPH_POLL_SECONDS: count.default(30).describe('how often that URL is asked'),
  SUPERGRAPH_TIMEOUT_MS: count.default(10_000).describe('time that URL may take to answer, in milliseconds'),
  SUPERGRAPH_START_SECONDS: atLeast0.default(60).describe('how long a start waits for that URL to answer, in seconds'),
  PLAN_WARM_UP: atLeast0
    .default(200)
    .describe('how many of the most used operations are planned for a new supergraph before it comes into force'),
  HOST: z.string().default('127.0.0.1').describe('address of the public port'),
  PORT: port.default(4000).describe('public port: /graphql, /healthz, /readyz'),
  INTERNAL_HOST: z.string().default('127.0.0.1').describe('address of the internal port'),
  INTERNAL_PORT: port.optional().describe('internal port: events from the own sidecar, /metrics (default: APP_PORT)'),
  APP_PORT: port.optional().describe('the port that Dapr knows the app by'),
  NODE_ENV: z.string().default('production').describe('`development` opens the landing page and Apollo Sandbox'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('what is logged, and all that is worse'),
  ACCESS_LOG: z
    .stringbool()
    .default(true)
    .describe('whether each operation, and the start and end of each subscription, is logged (at level info)'),
  ...tracingConfig,
  SERVICE_NAME: z.string().min(1).default('gateway').describe('what the gateway is called in traces'),
  METRICS_OPERATION_NAMES: atLeast0
    .default(100)
    .describe('operation names that metrics tell apart, the first that come; all others count as `other`'),

  AUTH: z.enum(['required', 'optional', 'off']).default('required').describe('whether callers need a token'),
  AUTH_ISSUER: z.string().optional().describe('`iss` of accepted tokens'),
  AUTH_AUDIENCE: z.string().optional().describe('`aud` of accepted tokens'),
  AUTH_JWKS_URL: z.url().optional().describe("the issuer's keys"),
  AUTH_ALGORITHMS: list
    .default(['EdDSA', 'ES256', 'RS256'])
    .refine(
      (names) => names.length > 0 && names.every((name) => ASYMMETRIC.test(name)),
      'is a list of asymmetric algorithms (RFC 7518, 8037): RS256, RS384, RS512, PS256, …, ES256, …, EdDSA, Ed25519',
    )
    .describe('signatures of accepted tokens, comma-separated'),
  AUTH_JWKS_MAX_STALE_MS: count
    .default(24 * 60 * 60_000)
    .describe("how long the issuer's last known keys are used while it is away, in milliseconds"),
  AUTH_COOKIE: z
    .string()
    .regex(/^__Host-[\w!#$%&'*+.^`|~-]+$/, 'is the name of a cookie that starts with __Host-')
    .optional()
    .describe(
      'cookie that may hold a token, set and cleared at /session; its name starts with __Host- (default: none)',
    ),

  DAPR_HTTP_ENDPOINT: z.url().optional().describe("the own sidecar's HTTP API; without it there are no live events"),
  DAPR_API_TOKEN: z.string().optional().describe('what the sidecar asks of the gateway'),
  APP_API_TOKEN: z.string().optional().describe('what the gateway asks of its sidecar'),
  TOPIC_PARTITIONS: count.optional().describe('how many partitions each topic has'),
  REPLICA_ID: z
    .string()
    .default(PROCESS_NAME)
    .describe("this replica's name in its markers, unique among replicas (default: another at each start)"),

  TRUSTED_PROXIES: list
    .default([])
    .refine(
      (addresses) => canCompile(addresses),
      'is a list of IP addresses, subnets, or loopback, linklocal, uniquelocal',
    )
    .describe(
      "proxies whose X-Forwarded-For tells a client's address, comma-separated: addresses, subnets, `loopback`",
    ),
  PROPAGATE_HEADERS: list
    .default([])
    .refine((names) => !names.some(isReserved), 'names a header that the gateway sets itself or must never pass on')
    .describe('request headers that subgraphs get to see, comma-separated'),
  CORS_ORIGINS: list
    .default([])
    .refine((origins) => origins.every(isWebOrigin), 'is a list of origins such as https://app.example.com')
    .describe('origins of browser pages that may call, comma-separated'),
  PAGES_DIR: z
    .string()
    .optional()
    .describe('folder of browser pages: each folder in it with an index.html is served at its name (default: none)'),
  PAGES_WITH_INLINE_STYLES: list
    .default([])
    .describe('those of the pages whose content security policy allows styles within markup, comma-separated'),
  INTROSPECTION: z.stringbool().optional().describe('whether the schema may be asked for (default: not in production)'),

  RATE_LIMIT_PER_MINUTE: atLeast0
    .optional()
    .describe(`operations of a user, or of an address without one; ${anyNumber(600)}`),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/ })
    .optional()
    .describe('Redis that replicas count in together (default: each counts for itself)'),
  RATE_LIMIT_STORE_FAILURE: z
    .enum(['open', 'closed'])
    .default('open')
    .describe('while Redis is away each replica counts for itself (`open`) or no operation passes (`closed`)'),
  RATE_LIMIT_STORE_TIMEOUT_MS: count
    .max(60_000)
    .default(250)
    .describe('how long an operation waits for Redis, in milliseconds'),
  MAX_BATCH_SIZE: count.default(1).describe('operations in one HTTP request; 1: no batches'),
  MAX_OPERATIONS_PER_SOCKET: count
    .default(100)
    .describe('operations under way on one WebSocket, subscriptions included'),
  MAX_STREAMS_PER_USER: atLeast0
    .optional()
    .describe(`subscriptions of a user, or of an address without one, in this process; ${anyNumber(100)}`),
  MAX_CONNECTIONS_PER_ADDRESS: atLeast0
    .optional()
    .describe(`WebSockets from an IPv4 address or an IPv6 /64, in this process; ${anyNumber(1000)}`),
  CONNECTION_IDLE_MS: count
    .default(120_000)
    .describe('time after which an HTTP connection is closed on which nothing moves, in milliseconds'),
  CONNECTION_INIT_TIMEOUT_MS: count
    .max(600_000)
    .default(3000)
    .describe('time a WebSocket has to say who it is, in milliseconds'),

  PERSISTED_OPERATIONS: z
    .enum(['off', 'apq', 'trusted'])
    .default('apq')
    .describe('operations by id: none, what clients register by hash (APQ), or nothing but TRUSTED_DOCUMENTS'),
  TRUSTED_DOCUMENTS: z
    .string()
    .optional()
    .describe(
      "file with the only operations allowed: Apollo's manifest or {id: document}; read again whenever it changes",
    ),

  DRAIN_DELAY_MS: atLeast0
    .default(0)
    .describe('how long a stopping gateway that is no longer ready takes requests, in milliseconds'),
  SHUTDOWN_GRACE_MS: count.default(10_000).describe('how long requests under way may take after that, in milliseconds'),

  MAX_BODY_BYTES: count.default(1024 * 1024).describe('size of a request body or a WebSocket message'),
  MAX_TOKENS: count.default(5000).describe('lexical tokens of an operation'),
  MAX_DEPTH: count.default(20).describe('nesting of an operation'),
  MAX_SELECTIONS: count.default(10_000).describe('fields of an operation, with its fragments expanded'),
  MAX_ROOT_FIELDS: count.default(20).describe('fields on the first level of an operation'),
  MAX_ALIASES: count.default(100).describe('aliases of an operation, with its fragments expanded'),
  MAX_DIRECTIVES: count.default(50).describe('directives of an operation, with its fragments expanded'),
  MAX_COST: count.default(100_000).describe('static cost of an operation: about the objects that its answer may have'),
  DEFAULT_LIST_SIZE: count.default(10).describe('size that a list without @listSize is taken to have'),
  MAX_INPUT_DEPTH: count.default(32).describe('nesting of an input value, literal or in variables'),
  MAX_SUBSCRIPTIONS: count.default(10_000).describe('concurrent subscriptions of this process'),
  MAX_QUEUED_EVENTS: count.default(1000).describe('events that a slow subscriber may fall behind'),
  EVENT_WINDOW_SIZE: count.default(10_000).describe('recent events kept for subscribers that connect again'),
  EVENT_WINDOW_BYTES: count.default(64 * 1024 * 1024).describe('size of those events, as JSON text'),
  RESUME_WAIT_MS: count
    .default(5000)
    .describe('how long one that connects again waits for this replica to catch up with its last, in milliseconds'),
  MARKER_INTERVAL_SECONDS: count
    .default(30)
    .describe('how often a replica makes sure that it still receives events, in seconds'),
  PLAN_CACHE_SIZE: count.default(1000).describe('query plans kept'),
  PLAN_CACHE_BYTES: count
    .default(64 * 1024 * 1024)
    .describe('memory that they may take with their operations, and again all that was parsed, about'),
  MAX_EVALUATED_PLANS: count.default(64).describe('alternatives that planning an operation weighs at most'),
  SUBGRAPH_TIMEOUT_MS: count.default(10_000).describe('time a subgraph may take to answer, in milliseconds'),
  SUBGRAPH_TIMEOUTS: timeouts
    .default([])
    .describe('the same for single subgraphs, as `name=milliseconds`, comma-separated: `users=500,products=3000`'),
  SUBGRAPH_CONNECTIONS: count.default(128).describe('connections per subgraph'),
  SUBGRAPH_QUEUE: atLeast0
    .max(1_000_000)
    .default(1000)
    .describe('requests per subgraph that may wait for a connection'),
  DEDUPLICATE: z
    .stringbool()
    .default(true)
    .describe(
      'whether identical queries, and results of an event, of one identity that are under way at once are made once',
    ),
  SUBGRAPH_RETRIES: atLeast0.max(10).default(2).describe('how often a query that did not get through is sent again'),
  SUBGRAPH_RETRY_BUDGET_PERCENT: atLeast0
    .max(100)
    .default(20)
    .describe('retries per 100 requests to a subgraph, at most (3 in 10 s are always allowed)'),
  SUBGRAPH_BREAKER_PERCENT: atLeast0
    .max(100)
    .default(50)
    .describe("share of failed requests that opens a subgraph's circuit breaker; 0 switches breakers off"),
  SUBGRAPH_BREAKER_WINDOW_MS: count.default(10_000).describe('over how much time that share is counted'),
  SUBGRAPH_BREAKER_MIN_CALLS: count.default(20).describe('how many requests within that time say anything'),
  SUBGRAPH_BREAKER_OPEN_MS: count.default(5000).describe('time until an open breaker tries the subgraph again'),
  MAX_SUBGRAPH_HEADER_BYTES: count
    .default(14 * 1024)
    .describe('size of the headers of a request to a subgraph; Node servers refuse 16 KiB, and sidecars add theirs'),
  MAX_SUBGRAPH_RESPONSE_BYTES: count.default(16 * 1024 * 1024).describe("size of a subgraph's answer"),
  MAX_RESPONSE_CHARACTERS: count
    .max(256 * 1024 * 1024)
    .default(32 * 1024 * 1024)
    .describe('length of the data of a response: what a subgraph answers once can stand in it many times'),
});
type Settings = z.infer<typeof settings>;

const beside = (config: Settings): boolean => config.DAPR_HTTP_ENDPOINT !== undefined;
/** What is needed under a condition only. */
const conditions: [key: keyof Settings, isNeeded: (config: Settings) => boolean][] = [
  ['AUTH_ISSUER', ({ AUTH }) => AUTH !== 'off'],
  ['AUTH_AUDIENCE', ({ AUTH }) => AUTH !== 'off'],
  ['AUTH_JWKS_URL', ({ AUTH }) => AUTH !== 'off'],
  ['TRUSTED_DOCUMENTS', ({ PERSISTED_OPERATIONS }) => PERSISTED_OPERATIONS === 'trusted'],
  ['DAPR_API_TOKEN', beside],
  ['APP_API_TOKEN', beside],
  ['TOPIC_PARTITIONS', beside],
  ['INTERNAL_PORT', (config) => beside(config) && config.APP_PORT === undefined],
];

/** What has no place in a file or, where others see it, on a command line; the URL of a Redis can hold its password. */
export const isSecret = (key: string): boolean => key.endsWith('_TOKEN') || key === 'REDIS_URL';

/** Everything that the gateway can be told: by environment variable or, but for secrets, by flag or in a file. */
export const gatewayConfig = conditions
  .reduce(
    (schema, [key, isNeeded]) =>
      // `when`: beside other problems too, so that all are told at once.
      schema.refine((config) => config[key] !== undefined || !isNeeded(config), { path: [key], when: () => true }),
    settings,
  )
  .transform((config) => ({
    ...config,
    INTERNAL_PORT: config.INTERNAL_PORT ?? config.APP_PORT,
    RATE_LIMIT_PER_MINUTE: config.RATE_LIMIT_PER_MINUTE ?? (config.AUTH === 'off' ? 0 : 600),
    MAX_STREAMS_PER_USER: config.MAX_STREAMS_PER_USER ?? (config.AUTH === 'off' ? 0 : 100),
    MAX_CONNECTIONS_PER_ADDRESS: config.MAX_CONNECTIONS_PER_ADDRESS ?? (config.AUTH === 'off' ? 0 : 1000),
    INTROSPECTION: config.INTROSPECTION ?? config.NODE_ENV !== 'production',
  }));

export type GatewayConfig = z.infer<typeof gatewayConfig>;
