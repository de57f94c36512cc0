import { BlockList, isIPv6 } from 'node:net';
import { beforeAll, expect, test } from '@jest/globals';
import { readApps } from '@todo/dev/apps/list';
import { chartApps } from '../../scripts/lib/chart-apps.ts';
import { APPS, issuer, rendered, values } from './rendered.ts';

// What the policies say; that they are in force is up to the cluster's network plugin.
const SIDECAR = 50_002;
let chart: Awaited<ReturnType<typeof rendered>>;
beforeAll(async () => {
  chart = await rendered(values('prod'), ...issuer, '--set=global.tracing.zipkinUrl=http://zipkin:9411/api/v2/spans');
});
type Rule = { ports?: { port: number }[]; from?: any[]; to?: any[] };
const rules = (app: string, direction: 'ingress' | 'egress'): Rule[] => chart.one('NetworkPolicy', app).spec[direction];
const portsOf = (rule: Rule): number[] => rule.ports?.map(({ port }) => port) ?? [];
const appsOf = (app: string, direction: 'ingress' | 'egress', port: number): string[] =>
  rules(app, direction)
    .filter((rule) => portsOf(rule).includes(port))
    .flatMap((rule) => rule.from ?? rule.to ?? [])
    .map((peer) => peer.podSelector.matchLabels['app.kubernetes.io/name']);

const contains = (cidr: string, address: string): boolean => {
  const [network = '', bits] = cidr.split('/');
  const list = new BlockList();
  list.addSubnet(network, Number(bits), isIPv6(network) ? 'ipv6' : 'ipv4');
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
};

/** The ports that an app reaches beyond names, brokers and other sidecars, which all reach. */
const beyond = (app: string) => {
  const ports = rules(app, 'egress').flatMap(portsOf);
  expect(ports).toEqual(expect.arrayContaining([53, 9092]));
  expect(rules(app, 'egress')).toContainEqual({
    to: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'dapr-system' } } }],
  });
  return ports.filter((port) => ![53, 9092, SIDECAR].includes(port));
};

test('whoever has no policy of its own reaches nothing and is not reached', () => {
  expect(chart.one('NetworkPolicy', 'default-deny').spec).toEqual({
    podSelector: {},
    policyTypes: ['Ingress', 'Egress'],
  });
});

test.each(APPS)('%s: its policy is that of its pods', (app) => {
  const { matchLabels } = chart.one('NetworkPolicy', app).spec.podSelector;
  expect(matchLabels).toMatchObject({ 'app.kubernetes.io/name': app });
  expect(chart.one('Deployment', app).spec.template.metadata.labels).toMatchObject(matchLabels);
});

test('sidecars reach those that access control lets them call, on both sides, and no others', () => {
  for (const [app, { callers, calls }] of Object.entries(chartApps())) {
    expect(appsOf(app, 'ingress', SIDECAR)).toEqual(callers);
    expect(appsOf(app, 'egress', SIDECAR)).toEqual(calls);
  }
  expect(appsOf('task-service', 'ingress', SIDECAR)).toEqual(['api-gateway', 'scheduler-service']);
  expect(appsOf('scheduler-service', 'egress', SIDECAR)).toEqual(['task-service']);
});

test('the public reaches the gateway’s public port alone; metrics are for the namespace of monitoring', () => {
  for (const { id, port, publicPort } of readApps('dapr.yaml')) {
    const open = rules(id, 'ingress').filter(({ from }) => from === undefined);
    expect(open.flatMap(portsOf)).toEqual(publicPort === undefined ? [] : [publicPort]);
    const internal = rules(id, 'ingress').filter((rule) => portsOf(rule).includes(port));
    expect(internal.map(({ from }) => from)).toEqual([
      [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'monitoring' } } }],
    ]);
  }
});

test('each reaches names, brokers and Dapr’s control plane, and beyond that what it uses', () => {
  expect(beyond('api-gateway')).toEqual([6379, 443, 9411]);
  expect(beyond('task-service')).toEqual([5432, 9411]);
  expect(beyond('scheduler-service')).toEqual([5432, 9411]);
  expect(beyond('analytics-service')).toEqual([5432, 9411]);
});

test('the scheduler on Redis reaches that and no database', async () => {
  const { one } = await rendered(values('dev'), '--set=global.schedulerState.store=redis');
  const ports = (one('NetworkPolicy', 'scheduler-service').spec.egress as Rule[]).flatMap(portsOf);
  expect(ports).toContain(6379);
  expect(ports).not.toContain(5432);
});

test('notification reaches public addresses, private ones not, and a mail server where it has one', async () => {
  expect(beyond('notification-service')).toEqual([5432, 443, 9411]);
  const web = rules('notification-service', 'egress').find((rule) => portsOf(rule).includes(443));
  const blocks: { cidr: string; except?: string[] }[] = web?.to?.map(({ ipBlock }) => ipBlock) ?? [];
  const isOpen = (address: string): boolean =>
    blocks.some(({ cidr, except = [] }) => contains(cidr, address) && !except.some((one) => contains(one, address)));
  for (const address of ['1.1.1.1', '93.184.216.34', '192.0.1.1', '2606:4700::1111'])
    expect([address, isOpen(address)]).toEqual([address, true]);
  for (const address of [
    '10.96.0.1',
    '172.31.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.169.254',
    '127.0.0.1',
    '224.0.0.1',
    '255.255.255.255',
    'fd00::1',
    'fe80::1',
    '::1',
  ])
    expect([address, isOpen(address)]).toEqual([address, false]);

  const mail = [
    '--set=notification-service.secretEnv.SMTP_URL.name=smtp',
    '--set=notification-service.secretEnv.SMTP_URL.key=url',
  ];
  const { one } = await rendered(values('prod'), ...issuer, ...mail);
  expect((one('NetworkPolicy', 'notification-service').spec.egress as Rule[]).flatMap(portsOf)).toEqual(
    expect.arrayContaining([465, 587]),
  );
});

test('what is measured: of each app the app and its sidecar, found by labels', () => {
  for (const app of APPS) {
    const service = chart.one('Service', `${app}-metrics`);
    const { selector, endpoints } = chart.one('ServiceMonitor', app).spec;
    expect(service.metadata.labels).toMatchObject(selector.matchLabels);
    expect(selector.matchLabels).toMatchObject({ monitoring: 'true' });
    expect(chart.one('Deployment', app).spec.template.metadata.labels).toMatchObject(service.spec.selector);
    expect(endpoints.map(({ port }: any) => port)).toEqual(service.spec.ports.map(({ name }: any) => name));
  }
});

test('the gateway’s Service leads to its public port and keeps the client’s address', () => {
  const services = chart.ofKind('Service').filter(({ metadata }) => !metadata.name.endsWith('-metrics'));
  expect(services.map(({ metadata }) => metadata.name)).toEqual(['api-gateway']);
  expect(services[0]?.spec).toMatchObject({
    type: 'LoadBalancer',
    externalTrafficPolicy: 'Local',
    ports: [{ name: 'http', port: 80, targetPort: 'http' }],
  });
});
