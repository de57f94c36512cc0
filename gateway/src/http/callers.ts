import type { IncomingMessage } from 'node:http';
import type { Identify } from '../auth/identify.ts';
import type { GatewayConfig } from '../config.ts';
import type { Arrival, Caller, GatewayContext, Transport } from '../context.ts';
import type { FailedAuthentication } from '../rate/failed-authentication.ts';
import { traceOf, traceOperation } from '../trace.ts';
import { createAddressOf } from './address.ts';
import { createCookieReader } from './session.ts';

/**
 * Takes in a request, before anything of it is read. Where it is an operation it is recorded as a span, which is the
 * taker's to end; `traceparent` is the client's.
 */
export type ArrivalOf = (
  request: IncomingMessage,
  transport: Transport,
  operation?: { traceparent: string | undefined },
) => Arrival;

export function createArrivals({ config, tracing }: Pick<GatewayContext, 'config' | 'tracing'>): ArrivalOf {
  const addressOf = createAddressOf(config);
  return (request, transport, operation) => {
    const started = performance.now();
    const trace = operation
      ? traceOperation(tracing, operation.traceparent)
      : traceOf(headerOf(request, 'traceparent'));
    return { ...trace, started, transport, address: addressOf(request), userAgent: headerOf(request, 'user-agent') };
  };
}

/** What a transport knows of a request beside its headers; `authorization` where it came otherwise than as a header. */
type Given = { signal: AbortSignal; authorization?: string | undefined };

/** Tells on whose behalf a request runs. Throws as `Identify` and `ReadCookie` do, or RATE_LIMITED where that happens too often. */
export type CallerOf = (request: IncomingMessage, arrival: Arrival, given: Given) => Promise<Caller>;

/** The one place where a request becomes a caller, whatever its transport. */
export function createCallers(config: GatewayConfig, identify: Identify, fail: FailedAuthentication): CallerOf {
  const readCookie = createCookieReader(config);
  const propagated = config.PROPAGATE_HEADERS.map((name) => name.toLowerCase());
  const tell = async (request: IncomingMessage, authorization: string | undefined) =>
    identify(authorization ?? readCookie(request));
  return async (request, arrival, { signal, authorization = request.headers.authorization }) => {
    const credentials = await tell(request, authorization).catch((failure: unknown) =>
      fail(failure, arrival.address, arrival.transport),
    );
    return { ...arrival, ...credentials, headers: pick(request, propagated), signal };
  };
}

function pick(request: IncomingMessage, names: string[]): Record<string, string> {
  const picked: Record<string, string> = {};
  for (const name of names) {
    const value = headerOf(request, name);
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

/** A header's value; Node joins the values of one that is repeated. */
export function headerOf(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
