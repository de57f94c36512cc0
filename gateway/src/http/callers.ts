import type { IncomingMessage } from 'node:http';
import proxyAddress from 'proxy-addr';
import type { Identify } from '../auth/identify.ts';
import type { GatewayConfig } from '../config.ts';
import type { Caller, Transport } from '../context.ts';
import { traceOf } from '../trace.ts';

/** What a transport knows of a request beside its headers; `authorization` where it came otherwise than as a header. */
type Arrival = { signal: AbortSignal; transport: Transport; authorization?: string | undefined };

/** Tells on whose behalf a request runs. Throws as `Identify` does. */
export type CallerOf = (request: IncomingMessage, arrival: Arrival) => Promise<Caller>;

/** The one place where a request becomes a caller, whatever its transport. */
export function createCallers(config: GatewayConfig, identify: Identify): CallerOf {
  const isTrusted = proxyAddress.compile(config.TRUSTED_PROXIES);
  const propagated = config.PROPAGATE_HEADERS.map((name) => name.toLowerCase());
  return async (request, { signal, transport, authorization }) => ({
    ...traceOf(header(request, 'traceparent')),
    ...(await identify(authorization ?? request.headers.authorization)),
    address: proxyAddress(request, isTrusted),
    headers: pick(request, propagated),
    signal,
    transport,
  });
}

function pick(request: IncomingMessage, names: string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = header(request, name);
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

/** A header that the request has exactly once. */
function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
