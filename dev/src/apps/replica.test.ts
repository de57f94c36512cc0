import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { appPorts, readApps, sidecarPorts } from './list.ts';
import type { App } from './list.ts';
import { replicaOf } from './replica.ts';

const apps = readApps(resolve(import.meta.dirname, '../../../dapr.yaml'));
const gateway = apps.find((app) => app.publicPort !== undefined) as App;
const portsOf = (app: App): number[] => [...appPorts(app), ...sidecarPorts(app)].map(({ port }) => port);

test('a replica is the same app on ports of its own, 100 above', () => {
  const replica = replicaOf(gateway);
  expect(replica).toMatchObject({
    id: gateway.id,
    command: gateway.command,
    configFile: gateway.configFile,
    resources: gateway.resources,
    env: { ...gateway.env, PORT: '4100' },
  });
  expect(portsOf(replica)).toEqual([4101, 4100, 3600, 3601, 3602, 3603]);
  expect(apps.flatMap(portsOf).filter((port) => portsOf(replica).includes(port))).toEqual([]);
});

test('a replica has a name of its own, so that it gets every event itself', () => {
  const replica = replicaOf(gateway);
  expect(replica.podName).not.toBe(gateway.podName);
  expect(apps.map(({ name }) => name)).not.toContain(replica.name);
});

test('a replica opens nothing beyond loopback', () => {
  const hosts = [...appPorts(replicaOf(gateway)), ...sidecarPorts(replicaOf(gateway))].map(({ host }) => host);
  expect(new Set(hosts)).toEqual(new Set(['127.0.0.1']));
});
