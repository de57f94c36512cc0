import type { Identity } from '@todo/service/identity';
import type { Logger } from '@todo/service/logger';
import type { GatewayConfig } from './config.ts';
import type { Metrics } from './metrics.ts';
import type { Trace } from './trace.ts';

/** What all parts of the gateway share. */
export type GatewayContext = { config: GatewayConfig; logger: Logger; metrics: Metrics };

/** How an operation came in: only some transports can carry a stream, and a GET must change nothing. */
type Transport = { name: 'http' | 'sse' | 'ws'; readOnly: boolean };

/** On whose behalf an operation runs. `signal` is aborted when the client goes away. */
export type Caller = Trace & { identity: Identity | undefined; signal: AbortSignal; transport: Transport };
