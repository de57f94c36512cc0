import { ROOT_CONTEXT, trace, type Attributes, type Link, type Span, type SpanKind } from '@opentelemetry/api';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import { z } from 'zod';
import type { Logger } from './logger.ts';
import type { Stop } from './shutdown.ts';
import { formatTraceparent, parseTraceparent } from './traceparent.ts';
import { createZipkinExporter } from './zipkin.ts';

export { SpanKind, SpanStatusCode, type Span } from '@opentelemetry/api';

/** The settings of tracing. */
export const tracingConfig = {
  ZIPKIN_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("Zipkin's API for spans, as http://localhost:9411/api/v2/spans (default: no tracing)"),
  TRACE_SAMPLING_RATIO: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe(
      'share of traces that are recorded, 0 to 1; a trace that a caller began is recorded where the caller does',
    ),
};

/** `links`: each a `traceparent`; what is none is left out. */
type SpanOptions = { kind?: SpanKind; attributes?: Attributes; links?: unknown[] };

/** Records spans. */
export type Tracing = {
  /** Starts a span below what a `traceparent` or another span says, or a new trace. Whoever starts it calls its `end`. */
  start: (name: string, parent: Span | string | undefined, options?: SpanOptions) => Span;
  /** Sends what is left, for 2 seconds at most. */
  stop: Stop;
};

const MAX_QUEUED_SPANS = 4096;
const SEND_EVERY_MS = 1000;
const STOP_MS = 2000;
const MAX_VALUE_LENGTH = 256;

/**
 * Starts tracing to Zipkin; undefined where ZIPKIN_URL is. Spans wait in a bounded queue and are sent in the background:
 * where Zipkin is away or slow they are lost, and nothing else happens. Nothing is registered globally.
 */
export function startTracing(
  config: { ZIPKIN_URL?: string | undefined; TRACE_SAMPLING_RATIO: number },
  serviceName: string,
  logger: Logger,
): Tracing | undefined {
  const { ZIPKIN_URL: url, TRACE_SAMPLING_RATIO: ratio } = config;
  if (url === undefined) return undefined;
  const provider = new TracerProvider({
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanLimits: { attributeValueLengthLimit: MAX_VALUE_LENGTH },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: createZipkinExporter(url, serviceName, logger),
        maxQueueSize: MAX_QUEUED_SPANS,
        scheduledDelayMillis: SEND_EVERY_MS,
      }),
    ],
  });
  const tracer = provider.getTracer(serviceName);
  return {
    start: (name, parent, { links = [], ...options } = {}) =>
      tracer.startSpan(name, { ...options, links: links.flatMap(linkTo) }, contextOf(parent)),
    stop: async () => {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, STOP_MS);
      // What could not be sent was logged.
      await Promise.race([provider.shutdown().catch(() => undefined), late]);
      clearTimeout(timer);
    },
  };
}

/** The `traceparent` with which others go on below a span. */
export function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return formatTraceparent({ traceId, spanId, flags: traceFlags });
}

function contextOf(parent: Span | string | undefined) {
  if (parent === undefined) return ROOT_CONTEXT;
  if (typeof parent !== 'string') return trace.setSpan(ROOT_CONTEXT, parent);
  const remote = parseTraceparent(parent);
  if (!remote) return ROOT_CONTEXT;
  const { traceId, spanId, flags } = remote;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: flags, isRemote: true });
}

function linkTo(traceparent: unknown): Link[] {
  const to = parseTraceparent(traceparent);
  return to ? [{ context: { traceId: to.traceId, spanId: to.spanId, traceFlags: to.flags } }] : [];
}
