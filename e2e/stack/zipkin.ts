import type { ZipkinSpan } from '@todo/service/testing/zipkin';

/** What the stack has recorded of a trace so far. */
export async function spansOf(traceId: string): Promise<ZipkinSpan[]> {
  const response = await fetch(new URL(`/api/v2/trace/${traceId}`, process.env['ZIPKIN_URL']));
  return (await response.json()) as ZipkinSpan[];
}

/** A span and those above it, from the first that was recorded. */
export function pathTo(span: ZipkinSpan, spans: ZipkinSpan[]): ZipkinSpan[] {
  const parent = spans.find(({ id }) => id === span.parentId);
  return [...(parent ? pathTo(parent, spans) : []), span];
}

/** The span of an app with that name. */
export function spanNamed(spans: ZipkinSpan[], app: string, name: string): ZipkinSpan | undefined {
  return spans.find((span) => span.localEndpoint.serviceName === app && span.name === name);
}
