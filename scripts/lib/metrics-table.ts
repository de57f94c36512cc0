/** What prom-client's metrics have and its types do not say. */
export type DeclaredMetric = { name: string; help: string; type: string; labelNames: readonly string[] };

/** Metrics as a table of Markdown, formatted as prettier would. */
export function metricsTable(metrics: DeclaredMetric[]): string {
  const rows = metrics
    .toSorted((a, b) => a.name.localeCompare(b.name))
    .map(({ name, type, labelNames, help }) => [
      `\`${name}\``,
      type,
      labelNames.map((label) => `\`${label}\``).join(', '),
      help,
    ]);
  const all = [['metric', 'type', 'labels', 'meaning'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => (row[column] as string).length)));
  const line = (cells: string[]): string =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] as number)).join(' | ')} |`;
  const [header, ...body] = all.map(line);
  return `${[header, line(widths.map((width) => '-'.repeat(width))), ...body].join('\n')}\n`;
}
