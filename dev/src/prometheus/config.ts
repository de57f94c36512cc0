import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { App } from '../apps/list.ts';
import type { Stack } from '../start/stack.ts';

/** Prometheus's rules, which the chart installs, too. */
const RULES = 'helm/todo-umbrella/files/alerts.yaml';

/** What Prometheus is told to scrape, and how: as its configuration file has it. */
export type PrometheusConfig = {
  global: { scrape_interval: string; evaluation_interval: string };
  rule_files: string[];
  scrape_configs: { job_name: string; static_configs: { targets: string[]; labels: Record<string, string> }[] }[];
};

/** A Prometheus for a stack on this machine: every app and every sidecar, with the labels that they have in a cluster. */
export const prometheusConfig = ({ root, apps, ports }: Pick<Stack, 'root' | 'apps' | 'ports'>): PrometheusConfig => ({
  global: { scrape_interval: '5s', evaluation_interval: '5s' },
  rule_files: [join(root, RULES)],
  scrape_configs: [
    { job_name: 'apps', static_configs: apps.map((app) => target(app, app.port, 'metrics')) },
    { job_name: 'sidecars', static_configs: apps.map((app) => target(app, app.metricsPort, 'dapr-metrics')) },
    {
      job_name: 'dapr-scheduler',
      static_configs: [{ targets: [`127.0.0.1:${ports.schedulerMetrics}`], labels: { namespace: 'local' } }],
    },
  ],
});

const target = ({ id, podName }: App, port: number, endpoint: string) => ({
  targets: [`127.0.0.1:${port}`],
  labels: { namespace: 'local', app: id, pod: podName, endpoint },
});

/** Writes it beside the stack's data; the file's path. */
export const writePrometheusConfig = (stack: Stack): string => {
  const file = join(stack.dataDir, 'prometheus.yml');
  writeFileSync(file, `# Written by npm start.\n${stringify(prometheusConfig(stack))}`);
  return file;
};
