/** How a replica of the gateway does; `lagP99` (of its event loop, in milliseconds) since it was asked before. */
export type Sample = { rss: number; heap: number; lagP99: number; sockets: number; subscribers: number };

/** Asks a replica's metrics at its internal port. @throws where one of them is not there */
export async function sampleGateway(port: number): Promise<Sample> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, { signal: AbortSignal.timeout(10_000) });
  const text = await response.text();
  return {
    rss: valueOf(text, 'process_resident_memory_bytes'),
    heap: valueOf(text, 'nodejs_heap_size_used_bytes'),
    lagP99: valueOf(text, 'nodejs_eventloop_lag_p99_seconds') * 1000,
    sockets: valueOf(text, 'nodejs_active_resources{type="TCPSocketWrap"}'),
    subscribers: sumOf(text, 'gateway_subscribers'),
  };
}

/** A value of Prometheus' text format, by its name with its labels as they stand there. */
export function valueOf(text: string, name: string): number {
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  if (line === undefined) throw new Error(`the gateway has no metric ${name}`);
  return Number(line.slice(name.length + 1).split(' ')[0]);
}

/** What the series of a metric come to together; 0 where there are none. */
function sumOf(text: string, name: string): number {
  const lines = text.split('\n').filter((each) => each.startsWith(`${name}{`));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf('}') + 1)), 0);
}
