import type { Sample } from './gateway.ts';
import type { Report } from './messages.ts';

const MIB = 1024 * 1024;

/** What is known at one moment. */
export type Snapshot = { seconds: number; mutations: number; report: Report; gateways: Sample[] };

type Column = { title: string; value: (snapshot: Snapshot) => string };

const columns: Column[] = [
  { title: 'seconds', value: ({ seconds }) => seconds.toFixed(0) },
  { title: 'mutations', value: ({ mutations }) => String(mutations) },
  { title: 'expected', value: ({ report }) => String(report.counts.expected) },
  { title: 'received', value: ({ report }) => String(report.counts.received) },
  { title: 'doubled', value: ({ report }) => String(report.counts.duplicated) },
  { title: 'missed', value: ({ report }) => String(report.counts.missed) },
  { title: 'p50 ms', value: ({ report }) => String(report.latency.p50) },
  { title: 'p99 ms', value: ({ report }) => String(report.latency.p99) },
  { title: 'RSS MiB', value: ({ gateways }) => perGateway(gateways, ({ rss }) => rss / MIB) },
  { title: 'heap MiB', value: ({ gateways }) => perGateway(gateways, ({ heap }) => heap / MIB) },
  { title: 'lag p99 ms', value: ({ gateways }) => perGateway(gateways, ({ lagP99 }) => lagP99) },
  { title: 'sockets', value: ({ gateways }) => perGateway(gateways, ({ sockets }) => sockets) },
];

/** The titles of the lines that `row` makes: counts since the start, latencies and lag since the line before. */
export const header = (): string => columns.map(({ title }) => title.padStart(width(title))).join('  ');

export const row = (snapshot: Snapshot): string =>
  columns.map(({ title, value }) => value(snapshot).padStart(width(title))).join('  ');

/** The whole run; `start` is before the first mutation. */
export function summary(start: Snapshot, end: Snapshot, failures: string[]): string {
  const { counts, totalLatency, reconnects } = end.report;
  const lines = [
    ['mutations', `${end.mutations}, ${(end.mutations / end.seconds).toFixed(1)} a second`],
    ['events expected', String(counts.expected)],
    ['events received', String(counts.received)],
    ['doubled', String(counts.duplicated)],
    ['missed', String(counts.missed + counts.pending)],
    ['latency', `p50 ${totalLatency.p50} ms, p99 ${totalLatency.p99} ms, max ${totalLatency.max} ms`],
    ['reconnects', String(reconnects)],
    ['failures', String(failures.length)],
    ...end.gateways.flatMap((sample, i) => {
      const before = start.gateways[i] as Sample;
      const name = end.gateways.length > 1 ? ` ${i + 1}` : '';
      return [
        [`gateway${name} RSS`, `${inMib(before.rss)} at start, ${inMib(sample.rss)} at end`],
        [`gateway${name} heap`, `${inMib(before.heap)} at start, ${inMib(sample.heap)} at end`],
        [`gateway${name} sockets`, `${before.sockets} at start, ${sample.sockets} at end`],
      ];
    }),
  ];
  if (counts.unexplained > 0) lines.push(['unexplained', `${counts.unexplained} events of mutations that failed`]);
  return [
    ...lines.map(([name = '', text]) => `  ${name.padEnd(18)} ${text}`),
    ...failures.slice(0, 5).map((failure) => `  ! ${failure}`),
  ].join('\n');
}

const width = (title: string): number => Math.max(title.length, 8);
const inMib = (bytes: number): string => `${(bytes / MIB).toFixed(0)} MiB`;
const perGateway = (gateways: Sample[], value: (sample: Sample) => number): string =>
  gateways.map((sample) => value(sample).toFixed(0)).join('/');
