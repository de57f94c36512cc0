import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { serverProperties } from '../kafka/broker.ts';
import { readApps } from '../apps/list.ts';
import { usage } from './options.ts';
import { readPorts } from './ports.ts';
import { wantedPorts } from './prepare.ts';

type Service = {
  image: string;
  ports?: string[];
  network_mode?: string;
  environment?: Record<string, string | number>;
  command?: string[];
  volumes?: string[];
  configs?: { source: string; target: string }[];
  healthcheck?: { test: string[] };
};
type Compose = { services: Record<string, Service>; volumes: object; configs: Record<string, { content: string }> };
const { services, volumes, configs } = parse(readFileSync('compose.yaml', 'utf8')) as Compose;
const manual = readFileSync('docs/operations.md', 'utf8');

/** What is mounted: a file of the repository, a volume, or what the stack writes at its start. */
const known = (source: string): boolean =>
  source === './.data/prometheus.yml' || (source.startsWith('./') ? existsSync(source) : source in volumes);

describe.each(Object.entries(services))('compose.yaml: %s', (_, service) => {
  test('has one version, a health check, and no password of its own', () => {
    expect(service.image).toMatch(/^[a-z/]+:v?\d+\.\d+(\.\d+)?$/);
    expect(service.healthcheck?.test[0]).toBe('CMD');
    const passwords = Object.entries(service.environment ?? {}).filter(([name]) => /PASSWORD|SECRET/.test(name));
    for (const [, value] of passwords) expect(value).toMatch(/^\$\{[A-Z_]+:\?/);
  });

  test('listens on loopback alone', () => {
    // On the machine's own network it says so itself, and publishes nothing.
    const own = `${service.command} ${service.environment?.['GF_SERVER_HTTP_ADDR']}`;
    const listens = service.network_mode === 'host' ? [own] : (service.ports ?? []);
    expect(listens).not.toEqual([]);
    for (const one of listens) expect(one).toMatch(/127\.0\.0\.1(:\d+|$)/);
    expect(service.ports ?? []).toEqual((service.ports ?? []).filter((port) => /^127\.0\.0\.1:\d+:\d+$/.test(port)));
  });

  test('mounts files and volumes that there are', () => {
    const sources = (service.volumes ?? []).map((volume) => volume.split(':')[0] ?? '');
    expect(sources.filter((source) => !known(source))).toEqual([]);
    for (const { source } of service.configs ?? []) expect(() => parse(configs[source]?.content ?? '{')).not.toThrow();
  });
});

test('its ports are free beside those of the stack that uses it', () => {
  const env = { DATABASE_URL: 'x', KAFKA_BROKERS: 'x', SMTP_URL: 'x', MAIL_FROM: 'x' };
  const taken = new Set(wantedPorts(readPorts(env), readApps('dapr.yaml'), env).map(({ port }) => port));
  const published = Object.values(services).flatMap(({ ports = [] }) =>
    ports.map((port) => Number(port.split(':')[1])),
  );
  for (const port of [...published, 9090, 3000]) expect([port, taken.has(port)]).toEqual([port, false]);
  expect(new Set(published).size).toBe(published.length);
});

test('its Kafka is set as that of the stack', () => {
  const own = Object.fromEntries(
    serverProperties({ kafka: 9092, kafkaController: 9093 }, '/data')
      .trim()
      .split('\n')
      .map((line) => line.split(/=(.*)/)),
  );
  const said = new Set([
    'auto.create.topics.enable',
    'min.insync.replicas',
    'default.replication.factor',
    'offsets.retention.minutes',
    'group.initial.rebalance.delay.ms',
    'process.roles',
    'node.id',
  ]);
  for (const name of Object.keys(own)) if (/replication\.factor$|min\.isr$/.test(name)) said.add(name);
  for (const name of said) {
    const variable = `KAFKA_${name.toUpperCase().replaceAll('.', '_')}`;
    expect([name, String(services['kafka']?.environment?.[variable])]).toEqual([name, own[name]]);
  }
});

test('the manual tells the stack of each by a setting that there is, at the port where it listens', () => {
  const [, block = ''] = /docker compose up[^]*?\n((?: {4}.*\n)*?)(?: {4}npm start.*\n)/.exec(manual) ?? [];
  const told = [...block.matchAll(/^ {4}export ([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => ({
    name,
    value,
  }));
  expect(told.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['DATABASE_URL', 'KAFKA_BROKERS', 'REDIS_URL', 'SMTP_URL', 'ZIPKIN_URL']),
  );
  const settings = told.filter(({ name }) => name !== 'ZIPKIN_URL' && name !== 'POSTGRES_PASSWORD');
  for (const { name } of settings) expect(usage).toContain(name);
  const ports = told.flatMap(({ value }) => /127\.0\.0\.1:(\d+)/.exec(value)?.[1] ?? []);
  expect(ports).toHaveLength(5);
  for (const port of ports) expect(JSON.stringify(services)).toContain(`127.0.0.1:${port}:`);
});
