import { parseConfig } from '@todo/service/config';
import { createLogger } from '@todo/service/logger';
import { gatewayConfig } from '../config.ts';
import type { Caller, GatewayContext } from '../context.ts';
import { createMetrics } from '../metrics.ts';
import { traceOf } from '../trace.ts';

/** A context for tests: no authentication, ports of the system's choice. `logged` has the lines of its log: none unless LOG_LEVEL is set. */
export function testContext(settings: Record<string, string> = {}): GatewayContext & { logged: string[] } {
  const config = parseConfig(gatewayConfig, {
    SUPERGRAPH: 'none.graphql',
    PORT: '0',
    AUTH: 'off',
    LOG_LEVEL: 'silent',
    INTROSPECTION: 'true',
    ...settings,
  });
  const logged: string[] = [];
  const logger = createLogger('test', config.LOG_LEVEL, { write: (line) => void logged.push(line) });
  return { config, logger, metrics: createMetrics(), tracing: undefined, logged };
}

/** An anonymous caller who stays. */
export function testCaller(overrides: Partial<Caller> = {}): Caller {
  return {
    ...traceOf(undefined),
    identity: undefined,
    expires: undefined,
    address: '127.0.0.1',
    userAgent: undefined,
    started: performance.now(),
    headers: {},
    signal: new AbortController().signal,
    transport: { name: 'http', readOnly: false },
    ...overrides,
  };
}
