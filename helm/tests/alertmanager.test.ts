import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { freePort } from '@todo/service/testing/free-port';
import { ensureInstalled } from '@todo/service/testing/programs';
import { parse, stringify } from 'yaml';
import { readRules } from '../../scripts/lib/alerts.ts';

const SECRETS = '/etc/alertmanager/secrets/alert-receivers';
const { alertmanager: values } = parse(readFileSync('helm/monitoring/kube-prometheus-stack.yaml', 'utf8'));

const dir = mkdtempSync(join(tmpdir(), 'alertmanager-'));
const config = join(dir, 'alertmanager.yaml');
/** What Slack and PagerDuty are told. */
const told: { path: string; body: any }[] = [];
let receiver: Server;
let alertmanager: ChildProcess;
let url: string;

beforeAll(async () => {
  ensureInstalled('amtool', 'prometheus-alertmanager');
  receiver = createServer((request, response) => {
    void request.toArray().then((chunks) => {
      told.push({ path: request.url ?? '', body: JSON.parse(Buffer.concat(chunks).toString()) });
      return response.end('{"status":"success"}');
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const there = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
  writeFileSync(join(dir, 'slack-url'), `${there}/slack`);
  writeFileSync(join(dir, 'pagerduty-key'), 'the-key');
  // As it is, but for where the receivers are and how long it waits for more alerts of a group.
  const local = structuredClone(values.config);
  local.global.pagerduty_url = `${there}/pagerduty`;
  for (const route of [local.route, ...local.route.routes]) route.group_wait = '200ms';
  writeFileSync(config, stringify(local).replaceAll(SECRETS, dir));

  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  alertmanager = spawn('prometheus-alertmanager', [
    `--config.file=${config}`,
    `--storage.path=${join(dir, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--cluster.listen-address=',
  ]);
  await until(async () => (await fetch(`${url}/-/ready`)).ok);
}, 180_000);
afterAll(async () => {
  if (alertmanager.exitCode === null) {
    alertmanager.kill();
    await once(alertmanager, 'exit');
  }
  receiver.closeAllConnections();
  receiver.close();
  rmSync(dir, { recursive: true });
});
beforeEach(() => {
  told.length = 0;
});

async function until(holds: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!(await Promise.resolve(holds()).catch(() => false))) {
    if (Date.now() > deadline) throw new Error('it did not come about within 60 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Alerts of our rules, as Prometheus sends them. */
async function fire(...alerts: Record<string, string>[]): Promise<void> {
  const body = alerts.map((labels) => {
    const rule = readRules().find(({ alert }) => alert === labels['alertname']);
    return { labels: { ...rule?.labels, namespace: 'todo-app', ...labels }, annotations: rule?.annotations };
  });
  const headers = { 'content-type': 'application/json' };
  const { ok } = await fetch(`${url}/api/v2/alerts`, { method: 'POST', headers, body: JSON.stringify(body) });
  expect(ok).toBe(true);
}

const toldOf = (path: string, alert: string) =>
  told.filter((each) => each.path === path && JSON.stringify(each.body).includes(alert));

test('amtool takes the configuration, which holds no secret', async () => {
  const { stdout } = await promisify(execFile)('amtool', ['check-config', config]);
  expect(stdout).toContain('SUCCESS');
  expect(stringify(values.config)).not.toMatch(/https?:|_key:|_url:/);
});

test.each([
  ['critical', 'pagerduty,slack'],
  ['warning', 'slack'],
])('what is %s goes to %s', async (severity, receivers) => {
  const args = ['config', 'routes', 'test', `--config.file=${config}`, `severity=${severity}`, 'alertname=X'];
  expect((await promisify(execFile)('amtool', args)).stdout.trim()).toBe(receivers);
});

test('a critical alert is told to PagerDuty and Slack, a warning to Slack alone, each with its runbook', async () => {
  await fire({ alertname: 'DaprSidecarDown', app: 'task-service' }, { alertname: 'DeadLettersOpen' });
  await until(() => toldOf('/slack', 'DaprSidecarDown').length > 0 && toldOf('/slack', 'DeadLettersOpen').length > 0);
  await until(() => toldOf('/pagerduty', 'DaprSidecarDown').length > 0);
  const [page] = toldOf('/pagerduty', 'DaprSidecarDown');
  expect(page?.body).toMatchObject({
    routing_key: 'the-key',
    event_action: 'trigger',
    payload: { severity: 'critical' },
  });
  const [message] = toldOf('/slack', 'DeadLettersOpen');
  expect(message?.body.attachments[0]).toMatchObject({
    title: 'DeadLettersOpen (warning)',
    text: expect.stringContaining('docs/runbooks/DeadLettersOpen.md'),
  });
  expect(toldOf('/pagerduty', 'DeadLettersOpen')).toEqual([]);
});

test.each([
  ['KafkaBrokerDown', { namespace: 'kafka' }, 'OutboxNotDraining', {}],
  ['PodDown', { pod: 'task-service-1' }, 'HighMemoryUsage', { pod: 'task-service-1' }],
  ['SubgraphBreakerOpen', { subgraph: 'task' }, 'HighErrorRate', { subgraph: 'task' }],
  ['GatewayErrorBudgetBurn', {}, 'GatewayErrorBudgetSlowBurn', {}],
])('where %s %j is told, %s %j is not', async (cause, at, effect, of) => {
  await fire({ alertname: cause, ...at }, { alertname: effect, ...of } as Record<string, string>);
  await until(() => toldOf('/slack', `${cause} (`).length > 0);
  const all = (await (await fetch(`${url}/api/v2/alerts`)).json()) as any[];
  expect(all.find(({ labels }) => labels.alertname === effect).status).toMatchObject({
    state: 'suppressed',
    inhibitedBy: [expect.any(String)],
  });
  expect(toldOf('/slack', `${effect} (`)).toEqual([]);
});

test('an alert of elsewhere is not held back', async () => {
  const namespace = 'elsewhere';
  await fire({ alertname: 'PodDown', namespace, pod: 'p1' }, { alertname: 'HighMemoryUsage', namespace, pod: 'p2' });
  await until(() => toldOf('/slack', 'PodDown (').length > 0);
  await until(() => toldOf('/slack', 'HighMemoryUsage (').length > 0);
  expect(toldOf('/slack', 'PodDown (').length).toBeGreaterThan(0);
});
