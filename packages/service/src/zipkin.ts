import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { ExportResultCode, hrTimeToMicroseconds, type ExportResult } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from './logger.ts';

const TIMEOUT_MS = 5000;
const KINDS: Partial<Record<SpanKind, string>> = {
  [SpanKind.CLIENT]: 'CLIENT',
  [SpanKind.SERVER]: 'SERVER',
  [SpanKind.CONSUMER]: 'CONSUMER',
  [SpanKind.PRODUCER]: 'PRODUCER',
};

/**
 * Sends spans to Zipkin (`url` is that of its API, …/api/v2/spans). What it does not take within 5 seconds is lost, which
 * is logged when it begins and when it is over.
 *
 * Own code: @opentelemetry/exporter-zipkin waits for an answer without limit, and leaves links out.
 */
export function createZipkinExporter(url: string, serviceName: string, logger: Logger): SpanExporter {
  let isAway = false;

  const post = async (spans: ReadableSpan[]): Promise<void> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(spans.map((span) => toZipkin(span, serviceName))),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`status ${response.status}`);
  };

  const send = async (spans: ReadableSpan[]): Promise<ExportResult> => {
    try {
      await post(spans);
    } catch (error) {
      if (!isAway) logger.warn({ err: error }, 'traces are lost: Zipkin does not take them');
      isAway = true;
      return { code: ExportResultCode.FAILED, error: error as Error };
    }
    if (isAway) logger.info('traces are taken again');
    isAway = false;
    return { code: ExportResultCode.SUCCESS };
  };

  return {
    // oxlint-disable-next-line promise/no-callback-in-promise -- the interface has a callback
    export: (spans, done) => void send(spans).then(done),
    // Whoever stops has waited for what was under way.
    shutdown: async () => {},
  };
}

/** A span in Zipkin's JSON (API v2); times in microseconds. */
function toZipkin(span: ReadableSpan, serviceName: string): object {
  const { traceId, spanId } = span.spanContext();
  const { code, message } = span.status;
  const tags: Record<string, string> = {};
  for (const [key, value] of Object.entries(span.attributes)) tags[key] = String(value);
  // Zipkin knows no links.
  if (span.links.length > 0)
    tags['otel.links'] = span.links.map(({ context }) => `${context.traceId}-${context.spanId}`).join(',');
  if (code !== SpanStatusCode.UNSET) tags['otel.status_code'] = SpanStatusCode[code];
  if (code === SpanStatusCode.ERROR) tags['error'] = message ?? 'true';
  return {
    traceId,
    id: spanId,
    ...(span.parentSpanContext && { parentId: span.parentSpanContext.spanId }),
    name: span.name,
    ...(KINDS[span.kind] && { kind: KINDS[span.kind] }),
    timestamp: hrTimeToMicroseconds(span.startTime),
    duration: Math.max(1, Math.round(hrTimeToMicroseconds(span.duration))),
    localEndpoint: { serviceName },
    tags,
    annotations: span.events.map(({ name, time }) => ({
      timestamp: Math.round(hrTimeToMicroseconds(time)),
      value: name,
    })),
  };
}
