import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createLogger } from './logger.ts';
import { startZipkin, type ZipkinServer } from './testing/zipkin.ts';
import { startTracing, traceparentOf, type Tracing } from './tracing.ts';
import { formatTraceparent, newTraceContext, parseTraceparent } from './traceparent.ts';

let zipkin: ZipkinServer;
beforeEach(async () => void (zipkin = await startZipkin()));
afterEach(() => zipkin.stop());

const start = (url: string | undefined, ratio = 1): Tracing | undefined =>
  startTracing({ ZIPKIN_URL: url, TRACE_SAMPLING_RATIO: ratio }, 'service', createLogger('test', 'silent'));

test('a traceparent is read and written as W3C Trace Context says', () => {
  const text = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const context = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', flags: 1 };
  expect(parseTraceparent(text)).toEqual(context);
  expect(formatTraceparent(context)).toBe(text);
  expect(parseTraceparent(text.replace(/01$/, '02'))?.flags).toBe(0);
  expect(parseTraceparent(formatTraceparent(newTraceContext()))).toMatchObject({ flags: 1 });
});

test.each([
  undefined,
  7,
  '',
  '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331',
  `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
  `00-0af7651916cd43dd8448eb211c80319c-${'0'.repeat(16)}-01`,
  '00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01',
  'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
])('%p is no traceparent', (text) => expect(parseTraceparent(text)).toBeUndefined());

test('without a URL there is no tracing', () => expect(start(undefined)).toBeUndefined());

test('spans are in the trace that they were given, or in a new one', async () => {
  const tracing = start(zipkin.url) as Tracing;
  const given = formatTraceparent(newTraceContext());
  const outer = tracing.start('outer', given);
  const inner = tracing.start('inner', outer);
  const other = tracing.start('other', 'nonsense');
  for (const span of [inner, outer, other]) span.end();
  await tracing.stop();
  const { traceId, spanId } = parseTraceparent(given) as { traceId: string; spanId: string };
  expect(parseTraceparent(traceparentOf(outer))?.traceId).toBe(traceId);
  expect(zipkin.spans).toEqual([
    expect.objectContaining({ name: 'inner', traceId, parentId: outer.spanContext().spanId }),
    expect.objectContaining({ name: 'outer', traceId, parentId: spanId, localEndpoint: { serviceName: 'service' } }),
    expect.not.objectContaining({ parentId: expect.anything() }),
  ]);
});

test('while Zipkin hangs, no more spans wait than the queue holds', async () => {
  const tracing = start(zipkin.url) as Tracing;
  zipkin.answer('hangs');
  for (let i = 0; i < 20_000; i++) tracing.start('flood', undefined).end();
  zipkin.answer('takes');
  await tracing.stop();
  expect(zipkin.spans.length).toBeLessThanOrEqual(4096 + 512);
  expect(zipkin.spans.length).toBeGreaterThan(1000);
});
