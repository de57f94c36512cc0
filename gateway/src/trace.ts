import { randomBytes } from 'node:crypto';

/** Where a request stands in a trace (W3C Trace Context). */
export type Trace = { traceId: string; traceparent: string };

const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Goes on with the caller's trace where its `traceparent` is valid, and else starts one. */
export function traceOf(traceparent: string | undefined): Trace {
  const traceId = traceparent && TRACEPARENT.exec(traceparent)?.[1];
  if (traceId) return { traceId, traceparent };
  const started = randomBytes(16).toString('hex');
  return { traceId: started, traceparent: `00-${started}-${randomBytes(8).toString('hex')}-01` };
}
