import { expect, test } from '@jest/globals';
import { readApps } from '../apps/list.ts';
import { readPorts } from '../start/ports.ts';
import { prometheusConfig } from './config.ts';

test('every app and every sidecar is scraped, once, with the labels that alerts and dashboards read', () => {
  const apps = readApps('dapr.yaml');
  const { scrape_configs: jobs, rule_files: rules } = prometheusConfig({ root: '/repo', apps, ports: readPorts({}) });
  expect(rules).toEqual(['/repo/helm/todo-umbrella/files/alerts.yaml']);
  const targets = jobs.flatMap(({ static_configs }) => static_configs);
  for (const { id, port, metricsPort } of apps) {
    const own = targets.filter(({ labels }) => labels['app'] === id);
    expect(own.map(({ targets: at, labels }) => [at[0], labels['endpoint'], labels['pod']])).toEqual([
      [`127.0.0.1:${port}`, 'metrics', `${id}-0`],
      [`127.0.0.1:${metricsPort}`, 'dapr-metrics', `${id}-0`],
    ]);
  }
  expect(new Set(targets.map(({ labels }) => labels['namespace']))).toEqual(new Set(['local']));
});
