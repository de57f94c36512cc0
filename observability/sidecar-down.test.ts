import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { killPart, startPart } from '@todo/dev/control/client';
import { eventually } from '../e2e/stack/eventually.ts';
import { DATA } from '../e2e/stack/paths.ts';
import { app, ready } from '../e2e/stack/ready.ts';
import { type Prometheus, startPrometheus } from './prometheus.ts';

const SIDECAR = 'analytics-service-dapr';

let prometheus: Prometheus;
beforeAll(async () => {
  prometheus = await startPrometheus();
});
afterAll(async () => {
  await prometheus.stop();
  await startPart(DATA, SIDECAR);
});

const named = async (name: string) => (await prometheus.alerts()).filter(({ labels }) => labels['alertname'] === name);

it('Prometheus takes all rules and reaches every app and every sidecar; nothing fires', async () => {
  await eventually(async () => {
    const { activeTargets } = await prometheus.ask('targets', { state: 'active' });
    expect(activeTargets.map(({ health, lastError }: any) => [health, lastError])).toEqual(
      activeTargets.map(() => ['up', '']),
    );
    const apps = Object.keys(ready().apps).filter((name) => !name.endsWith('-replica'));
    for (const endpoint of ['metrics', 'dapr-metrics'])
      expect(
        activeTargets.filter(({ labels }: any) => labels.endpoint === endpoint).map(({ labels }: any) => labels.app),
      ).toEqual(expect.arrayContaining(apps));
  });
  await eventually(async () => {
    const { groups } = await prometheus.ask('rules');
    const rules = groups.flatMap((group: any) => group.rules);
    expect(rules.length).toBeGreaterThan(20);
    expect(rules.filter(({ health }: any) => health !== 'ok')).toEqual([]);
  });
  expect(await prometheus.alerts()).toEqual([]);
});

it('a sidecar that is killed is told of, with what to do, and its app is not blamed', async () => {
  await killPart(DATA, SIDECAR);
  await eventually(async () => {
    const [alert, ...others] = await named('DaprSidecarDown');
    expect(others).toEqual([]);
    expect(alert).toMatchObject({
      state: 'firing',
      labels: { app: 'analytics-service', endpoint: 'dapr-metrics', severity: 'critical' },
      annotations: {
        summary: 'The sidecar of analytics-service is down',
        runbook_url: 'docs/runbooks/DaprSidecarDown.md',
      },
    });
  });
  expect(await named('PodDown')).toEqual([]);
  expect((await fetch(`http://127.0.0.1:${app('analytics-service').port}/healthz`)).status).toBe(200);

  await startPart(DATA, SIDECAR);
  await eventually(async () => expect(await named('DaprSidecarDown')).toEqual([]));
});
