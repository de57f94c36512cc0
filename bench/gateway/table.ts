/** What was measured of one gateway and one query. */
export type Row = {
  gateway: string;
  query: string;
  rps: number;
  requests: number;
  p50: number;
  p99: number;
  cpuMillis: number;
  memoryMiB: number;
  fetches: number;
};

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** A table of all rounds' means; `x` is the ratio to the first gateway. */
export function tableOf(rows: Row[], gateways: string[], queries: string[], titleOf: (name: string) => string): string {
  const head = ['gateway', 'query', 'requests/s', 'x', 'p50 ms', 'p99 ms', 'CPU ms/request', 'x', 'MiB', 'fetches'];
  const lines = queries.flatMap((query) =>
    gateways.flatMap((gateway) => {
      const of = (name: string, key: keyof Row): number =>
        mean(rows.filter((row) => row.gateway === name && row.query === query).map((row) => row[key] as number));
      const [first = ''] = gateways;
      const cells = [
        titleOf(gateway),
        query,
        of(gateway, 'rps').toFixed(0),
        (of(gateway, 'rps') / of(first, 'rps')).toFixed(1),
        of(gateway, 'p50').toFixed(1),
        of(gateway, 'p99').toFixed(1),
        of(gateway, 'cpuMillis').toFixed(3),
        (of(first, 'cpuMillis') / of(gateway, 'cpuMillis')).toFixed(1),
        of(gateway, 'memoryMiB').toFixed(0),
        of(gateway, 'fetches').toFixed(1),
      ];
      return [`| ${cells.join(' | ')} |`];
    }),
  );
  const rule = head.map((_cell, i) => (i < 2 ? '---' : '--:'));
  return [`| ${head.join(' | ')} |`, `| ${rule.join(' | ')} |`, ...lines].join('\n');
}
