import type { Identity } from '@todo/service/identity';
import type { Logger } from '@todo/service/logger';
import type { Tracing } from '@todo/service/tracing';
import type { GatewayConfig } from './config.ts';
import type { Metrics } from './metrics.ts';
import type { Trace } from './trace.ts';

/** What the gateway is given. */
export type GatewayBase = { config: GatewayConfig; logger: Logger; metrics: Metrics };

/** What all parts of the gateway share; `tracing` is undefined where it is off. */
export type GatewayContext = GatewayBase & { tracing: Tracing | undefined };

/** How an operation came in: only some transports can carry a stream, and a GET must change nothing. */
export type Transport = { name: 'http' | 'sse' | 'multipart' | 'ws'; readOnly: boolean };

/** Who calls, as a verified token says; `expires` is when that token does, in milliseconds since 1970. */
export type Credentials = { identity: Identity | undefined; expires: number | undefined };

/** What is known of a request before anybody is identified. */
export type Arrival = Trace & {
  /** When it came, by `performance.now()`. */
  started: number;
  transport: Transport;
  /** The client's IP address, as the nearest proxy that is not trusted knows it. */
  address: string;
  userAgent: string | undefined;
};

/** On whose behalf an operation runs. */
export type Caller = Arrival &
  Credentials & {
    /** Headers that the client sent and that subgraphs are to see, in lower case. */
    headers: Record<string, string>;
    /** Aborted when the client goes away. */
    signal: AbortSignal;
  };
