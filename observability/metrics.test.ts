import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { exporterMetrics, targetLabels } from '../scripts/lib/exporters.ts';
import { declaredMetrics } from '../scripts/lib/metrics.ts';
import { allReads, recorded } from '../scripts/lib/queries.ts';
import { eventually } from '../e2e/stack/eventually.ts';
import { createTask, ok } from '../e2e/stack/graphql.ts';
import { inSeconds, reminded } from '../e2e/stack/reminders.ts';
import { subscribe } from '../e2e/stack/subscription.ts';
import { newUser } from '../e2e/stack/user.ts';
import { type Prometheus, startPrometheus } from './prometheus.ts';

let prometheus: Prometheus;
beforeAll(async () => {
  prometheus = await startPrometheus();
  await useEverything();
});
afterAll(() => prometheus.stop());

/** Has every part of the platform do something, so that each has something to tell. */
async function useEverything(): Promise<void> {
  const user = await newUser();
  const live = await subscribe(user, 'subscription { taskReminder { task { id } } }');
  const { id } = await createTask(user, { title: 'Measured', dueAt: inSeconds(6) });
  await live.next(reminded(id));
  await ok(user, 'mutation ($id: ID!) { completeTask(id: $id) { id } }', { id });
  await ok(user, 'query Tasks { tasks(first: 1) { nodes { id reminders { id } } } }', {});
  await live.stop();
}

/** A histogram is described once for what it consists of. */
const family = (metric: string): string => metric.replace(/_(?:bucket|count|sum)$/, '');

it('every metric and label that rules and dashboards read is there, in the running stack or an exporter’s documentation', async () => {
  const declared = new Map(
    (await declaredMetrics()).flatMap(({ metrics }) => metrics.map((each) => [each.name, each.labelNames] as const)),
  );
  const known = recorded();
  const unseen = new Set<string>();
  await eventually(async () => {
    unseen.clear();
    const described = (await prometheus.ask('metadata')) as Record<string, { type: string }[]>;
    const problems: string[] = [];
    for (const { metric, labels, where } of allReads()) {
      const wanted = [...labels].filter((label) => !targetLabels.includes(label));
      const miss = (label: string): unknown => problems.push(`${where}: ${metric} has no label ${label}`);
      if (known.has(metric)) continue;
      if (metric in exporterMetrics) {
        wanted.filter((label) => !exporterMetrics[metric]?.labels.includes(label)).forEach(miss);
        continue;
      }
      const series = (await prometheus.ask('series', { 'match[]': metric })) as Record<string, string>[];
      // Of its parts, only a histogram's have names of their own.
      const about =
        described[metric] ??
        (described[family(metric)]?.[0]?.type === 'histogram' ? described[family(metric)] : undefined);
      if (series.length > 0) wanted.filter((label) => !series.some((each) => label in each)).forEach(miss);
      else if (!about) problems.push(`${where}: there is no metric ${metric}`);
      else {
        // It says that it is there, and has nothing to count yet: its labels are those of the source.
        unseen.add(metric);
        const own = declared.get(metric) ?? declared.get(family(metric)) ?? [];
        wanted.filter((label) => label !== 'le' && !own.includes(label)).forEach(miss);
      }
    }
    expect(problems).toEqual([]);
  });
  // Most has been seen with its labels: or else the test would only compare the source with itself.
  const all = new Set(allReads().map(({ metric }) => metric));
  expect(unseen.size).toBeLessThan(all.size / 3);
});

it('what the exporters are listed for is read', () => {
  const read = new Set(allReads().map(({ metric }) => metric));
  expect(Object.keys(exporterMetrics).filter((metric) => !read.has(metric))).toEqual([]);
});
