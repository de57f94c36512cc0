import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { RULES } from '../../scripts/lib/alerts.ts';
import { APPS, issuer, rendered, values } from './rendered.ts';

const monitored = '--set=global.monitoring.enabled=true';
let chart: Awaited<ReturnType<typeof rendered>>;
beforeAll(async () => {
  chart = await rendered(values('prod'), ...issuer, '--set=global.monitoring.labels.release=monitoring');
});

test('metrics of every app and every sidecar are scraped, told apart as the rules do', () => {
  const monitors = chart.ofKind('ServiceMonitor');
  expect(monitors.map(({ metadata }) => metadata.name).toSorted()).toEqual(APPS.toSorted());
  for (const { metadata, spec } of monitors) {
    expect(metadata.labels).toMatchObject({ monitoring: 'true', release: 'monitoring' });
    const service = chart.one('Service', `${metadata.name}-metrics`);
    expect(service.metadata.labels).toMatchObject(spec.selector.matchLabels);
    expect(spec.endpoints.map(({ port }: any) => port)).toEqual(['metrics', 'dapr-metrics']);
    expect(service.spec.ports.map(({ name }: any) => name)).toEqual(['metrics', 'dapr-metrics']);
    for (const { relabelings } of spec.endpoints)
      expect(relabelings).toContainEqual({ targetLabel: 'app', replacement: metadata.name });
    const { annotations } = chart.one('Deployment', metadata.name).spec.template.metadata;
    expect(annotations).toMatchObject({ 'dapr.io/enable-metrics': 'true', 'dapr.io/metrics-port': '9090' });
    expect(service.spec.ports[1].targetPort).toBe(9090);
  }
});

test('the rules are those of the file, with runbooks where the values say that they are', () => {
  const { metadata, spec } = chart.one('PrometheusRule', 'todo-alerts');
  expect(metadata.labels).toMatchObject({ monitoring: 'true', release: 'monitoring' });
  const text = readFileSync(RULES, 'utf8').replaceAll(
    'runbook_url: docs/',
    'runbook_url: https://github.com/todo-federation/todo-federation/blob/main/docs/',
  );
  expect(spec).toEqual(parse(text));
});

test('runbooks can be elsewhere', async () => {
  const { one } = await rendered(
    values('dev'),
    monitored,
    '--set=global.monitoring.runbooks=https://wiki.example/run/',
  );
  const rules: any[] = one('PrometheusRule', 'todo-alerts').spec.groups.flatMap(({ rules }: any) => rules);
  expect(rules.find(({ alert }) => alert === 'PodDown').annotations.runbook_url).toBe(
    'https://wiki.example/run/PodDown.md',
  );
});

test('Grafana is given the dashboards', () => {
  const dashboards = chart.ofKind('ConfigMap').filter(({ metadata }) => metadata.labels?.['grafana_dashboard'] === '1');
  expect(dashboards.map(({ metadata }) => metadata.name)).toEqual(
    ['dapr', 'events', 'gateway', 'tasks'].map((name) => `dashboard-${name}`),
  );
  for (const { data = {} } of dashboards)
    for (const [file, text] of Object.entries(data))
      expect(JSON.parse(text)).toEqual(JSON.parse(readFileSync(`helm/todo-umbrella/files/dashboards/${file}`, 'utf8')));
});

test('a cluster without the operator gets none of it', async () => {
  const { all } = await rendered(values('dev'));
  expect(all.filter(({ apiVersion }) => apiVersion.startsWith('monitoring.coreos.com'))).toEqual([]);
});

test('apps and sidecars trace to the same place, the same share of traces', async () => {
  const url = 'http://zipkin.monitoring:9411/api/v2/spans';
  const traced = ['--set-json=global.tracing.samplingRatio=0.25', `--set=global.tracing.zipkinUrl=${url}`];
  const { one } = await rendered(values('prod'), ...issuer, ...traced);
  for (const app of APPS) {
    expect(one('ConfigMap', app).data).toMatchObject({ ZIPKIN_URL: url, TRACE_SAMPLING_RATIO: '0.25' });
    expect(one('Configuration', app).spec.tracing).toEqual({ samplingRate: '0.25', zipkin: { endpointAddress: url } });
  }
});
