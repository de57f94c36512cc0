import type { Report } from './run.ts';

type Column = { title: string; value: (report: Report) => string };

const counts = (of: Record<string, number>): string[] => Object.entries(of).map(([code, n]) => `${code} ${n}`);

const columns: Column[] = [
  { title: 'seconds', value: ({ seconds }) => seconds.toFixed(0) },
  { title: 'requests', value: ({ requests }) => String(requests.requests) },
  { title: 'succeeded', value: ({ requests }) => String(requests.ok) },
  { title: 'hung', value: ({ requests }) => String(requests.hung) },
  { title: 'down s', value: ({ requests }) => requests.downSeconds.toFixed(1) },
  { title: 'recovery s', value: ({ recoverySeconds }) => recoverySeconds?.toFixed(1) ?? 'never' },
  { title: 'expected', value: ({ heard }) => String(heard.expected) },
  { title: 'received', value: ({ heard }) => String(heard.received) },
  { title: 'doubled', value: ({ heard }) => String(heard.doubled) },
  { title: 'missed', value: ({ heard }) => String(heard.missed) },
  { title: 'reconnects', value: ({ heard }) => String(heard.reconnects) },
  { title: 'MiB', value: ({ memory }) => `${memory.before.toFixed(0)} to ${memory.after.toFixed(0)}` },
];

/** The table of a fault: a line of titles, a line of figures, and what there is besides. */
export function table(reports: Report[]): string {
  const rows = [
    columns.map(({ title }) => title),
    ...reports.map((report) => columns.map(({ value }) => value(report))),
  ];
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => (row[i] as string).length)));
  const names = ['', ...reports.map(({ fault }) => fault)];
  const width = Math.max(...names.map(({ length }) => length));
  return rows
    .map((row, i) =>
      [(names[i] ?? '').padEnd(width), ...row.map((text, j) => text.padStart(widths[j] ?? 0))].join('  '),
    )
    .join('\n');
}

/** What the table has no column for: errors by their codes, what was read again, repeats in the broker, problems. */
export function remarks({ requests, heard, repeats, memory, problems }: Report): string[] {
  const codes = [...counts(requests.errors), ...counts(requests.cut)];
  return [
    ...(codes.length > 0 ? [`errors: ${codes.join(', ')}`] : []),
    ...(Object.keys(heard.readAgain).length > 0 ? [`read again: ${counts(heard.readAgain).join(', ')}`] : []),
    ...(repeats > 0 ? [`events that the broker has twice: ${repeats}`] : []),
    ...memory.grown.map((text) => `MEMORY: ${text}`),
    ...problems.map((text) => `PROBLEM: ${text}`),
  ];
}

export const isGood = ({ problems, memory }: Report): boolean => problems.length + memory.grown.length === 0;
