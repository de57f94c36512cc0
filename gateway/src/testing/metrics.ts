type Labels = Record<string, string | number>;
type Metric = { get: () => Promise<{ values: { value: number; metricName?: string; labels: Partial<Labels> }[] }> };

/** What a metric's series with these labels come to together; of a histogram, how often it was observed. */
export async function total(metric: Metric, labels: Labels = {}): Promise<number> {
  const { values } = await metric.get();
  return values
    .filter(({ metricName }) => metricName === undefined || !/_(?:bucket|sum)$/.test(metricName))
    .filter((series) => Object.entries(labels).every(([name, value]) => series.labels[name] === value))
    .reduce((sum, { value }) => sum + value, 0);
}
