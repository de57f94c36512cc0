import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Stop } from '../shutdown.ts';

/** A span in Zipkin's JSON (API v2). */
export type ZipkinSpan = {
  traceId: string;
  id: string;
  parentId?: string;
  name: string;
  kind?: string;
  timestamp: number;
  duration: number;
  localEndpoint: { serviceName: string };
  tags?: Record<string, string>;
};

const MAX_SPANS = 20_000;

/** Stands for Zipkin: takes spans as it does, and gives a trace's at /api/v2/trace/ID. */
export type ZipkinServer = {
  /** For ZIPKIN_URL. */
  url: string;
  /** What came, the newest 20,000. */
  spans: ZipkinSpan[];
  /** How many requests came. */
  requests: () => number;
  /** From now on it takes spans, refuses them, or gives no answer. */
  answer: (how: 'takes' | 'refuses' | 'hangs') => void;
  stop: Stop;
};

export async function startZipkin(): Promise<ZipkinServer> {
  const spans: ZipkinSpan[] = [];
  let requests = 0;
  let how: Parameters<ZipkinServer['answer']>[0] = 'takes';
  const server = createServer((request, response) => {
    const [, traceId] = /^\/api\/v2\/trace\/([0-9a-f]{32})$/.exec(request.url ?? '') ?? [];
    if (traceId !== undefined) return response.end(JSON.stringify(spans.filter((span) => span.traceId === traceId)));
    requests += 1;
    return void request.toArray().then((chunks) => {
      if (how === 'hangs') return undefined;
      if (how === 'refuses' || request.url !== '/api/v2/spans') return response.writeHead(503).end();
      spans.push(...(JSON.parse(Buffer.concat(chunks).toString()) as ZipkinSpan[]));
      spans.splice(0, spans.length - MAX_SPANS);
      return response.writeHead(202).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v2/spans`,
    spans,
    requests: () => requests,
    answer: (now) => void (how = now),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
