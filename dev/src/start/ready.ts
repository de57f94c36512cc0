import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { App } from '../apps/list.ts';
import { replicaOf } from '../apps/replica.ts';
import { sidecarName } from '../dapr/sidecar.ts';
import type { Credentials } from '../identity/client.ts';
import { adminUser, demoUser, givenAuth } from '../identity/part.ts';
import { socketPath } from '../control/socket.ts';
import type { Infrastructure } from './infrastructure.ts';
import type { Stack } from './stack.ts';

/** A replica of the app with the public door: its name in `apps`, its URL, and its parts. */
export type GatewayReplica = { name: string; graphql: string; parts: string[] };

/** What tests and tools need to know of a stack that is ready: the content of `<data>/ready.json`. */
export type Ready = {
  urls: { graphql: string; identity: string; control: string };
  apps: Record<
    string,
    { port: number; daprHttpPort: number; daprGrpcPort: number; daprApiToken: string; appApiToken: string }
  >;
  /** The gateway's replicas, of which the second runs only where somebody starts its parts. */
  gateways: GatewayReplica[];
  databases: Record<string, string>;
  kafkaBrokers: string[];
  /** A configuration with which Prometheus scrapes the stack, if somebody starts one. */
  prometheusConfig: string;
  /** Absent with an identity provider of one's own. */
  demo?: Credentials;
  admin?: Credentials;
};

const path = (dataDir: string): string => join(dataDir, 'ready.json');

/** What a stack says of itself. */
export const describe = (stack: Stack, infra: Infrastructure, prometheusConfig: string): Ready => {
  const gateway = stack.apps.find((app) => app.publicPort !== undefined);
  const gateways = gateway === undefined ? [] : [gateway, replicaOf(gateway)];
  return {
    urls: {
      graphql: graphqlUrl(gateway),
      identity: infra.auth.issuer,
      control: socketPath(stack.dataDir),
    },
    apps: Object.fromEntries(
      [...stack.apps, ...gateways.slice(1)].map(({ id, name, port, daprHttpPort, daprGrpcPort }) => {
        const { daprApiToken = '', appApiToken = '' } = stack.secrets.apps[id] ?? {};
        return [name, { port, daprHttpPort, daprGrpcPort, daprApiToken, appApiToken }];
      }),
    ),
    gateways: gateways.map((app) => ({
      name: app.name,
      graphql: graphqlUrl(app),
      parts: [app.name, sidecarName(app.name)],
    })),
    databases: infra.databaseUrls,
    kafkaBrokers: infra.kafkaBrokers,
    prometheusConfig,
    ...(givenAuth(stack.env) === undefined
      ? {
          demo: { email: demoUser.email, password: stack.secrets.demoPassword },
          admin: { email: adminUser.email, password: stack.secrets.adminPassword },
        }
      : {}),
  };
};

const graphqlUrl = (app: App | undefined): string => `http://localhost:${app?.publicPort ?? 4000}/graphql`;

/** Says that the stack is ready. */
export const writeReady = (dataDir: string, ready: Ready): void => {
  const next = `${path(dataDir)}.next`;
  writeFileSync(next, `${JSON.stringify(ready, null, 2)}\n`, { mode: 0o600 });
  renameSync(next, path(dataDir));
};

/** Says that the stack is not ready, or not any more. */
export const removeReady = (dataDir: string): void => rmSync(path(dataDir), { force: true });

/** What the stack of this data directory says of itself; undefined while it is not ready. */
export const readReady = (dataDir: string): Ready | undefined => {
  try {
    return JSON.parse(readFileSync(path(dataDir), 'utf8')) as Ready;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};
