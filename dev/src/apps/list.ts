import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import type { WantedPort } from '../start/ports.ts';

const port = z.number().int().min(1).max(65_535);
const env = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String)).default({});

const listSchema = z.strictObject({
  version: z.literal(1),
  common: z.strictObject({
    resourcesPaths: z.array(z.string()).min(1),
    appProtocol: z.literal('http').default('http'),
    // For the Dapr CLI; here sidecars listen nowhere else anyway.
    apiListenAddresses: z.literal('127.0.0.1').optional(),
    logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('warn'),
    env,
  }),
  apps: z
    .array(
      z.strictObject({
        appID: z.string().regex(/^[a-z][a-z0-9-]*$/, 'must be lower-case letters, digits and hyphens'),
        appDirPath: z.string(),
        appPort: port,
        daprHTTPPort: port,
        daprGRPCPort: port,
        daprInternalGRPCPort: port,
        metricsPort: port,
        configFilePath: z.string(),
        command: z.array(z.string()).min(1),
        env,
      }),
    )
    .min(1),
});

/** An app of the list with its sidecar's ports; all paths are absolute. */
export type App = {
  id: string;
  /** What its part is called: the app id, unless it is a further replica of an app. */
  name: string;
  /** Which replica it is, as Dapr components may use it in a consumer group's name. */
  podName: string;
  dir: string;
  port: number;
  /** Where it serves the public beside `port`: its own PORT setting. */
  publicPort: number | undefined;
  /** The address that `publicPort` listens on. */
  publicHost: string;
  daprHttpPort: number;
  daprGrpcPort: number;
  daprInternalGrpcPort: number;
  metricsPort: number;
  configFile: string;
  resources: string[];
  logLevel: string;
  command: string[];
  env: Record<string, string>;
};

/** Reads a list of apps in the Dapr CLI's multi-app format. @throws with every problem and where it is. */
export const readApps = (file: string): App[] => parseApps(readFileSync(file, 'utf8'), file);

/** The same from the file's text; paths in it are relative to the file's folder. */
export const parseApps = (text: string, file: string): App[] => {
  const result = listSchema.safeParse(parse(text));
  if (!result.success) {
    const problems = result.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
    throw new Error(`${file} is not a list of apps that can be run:\n${problems.join('\n')}`);
  }
  const { common, apps } = result.data;
  const absolute = (path: string): string => resolve(dirname(file), path);
  const list = apps.map((app): App => {
    const settings = { ...common.env, ...app.env };
    return {
      id: app.appID,
      name: app.appID,
      podName: `${app.appID}-0`,
      dir: absolute(app.appDirPath),
      port: app.appPort,
      publicPort: settings['PORT'] === undefined ? undefined : Number(settings['PORT']),
      publicHost: '0.0.0.0',
      daprHttpPort: app.daprHTTPPort,
      daprGrpcPort: app.daprGRPCPort,
      daprInternalGrpcPort: app.daprInternalGRPCPort,
      metricsPort: app.metricsPort,
      // As the Dapr CLI does: an app's own paths start at its folder.
      configFile: resolve(absolute(app.appDirPath), app.configFilePath),
      resources: common.resourcesPaths.map(absolute),
      logLevel: common.logLevel,
      command: app.command,
      env: settings,
    };
  });
  refuseDuplicates(file, list);
  return list;
};

const refuseDuplicates = (file: string, apps: App[]): void => {
  const owners = new Map<string, string>();
  const claim = (what: string, app: App): void => {
    const owner = owners.get(what);
    if (owner !== undefined) throw new Error(`${file}: ${what} is used twice, by ${owner} and ${app.id}`);
    owners.set(what, app.id);
  };
  for (const app of apps) {
    claim(`app id ${app.id}`, app);
    for (const each of [...appPorts(app), ...sidecarPorts(app)]) claim(`port ${each.port}`, app);
  }
};

/** Every port that an app listens on, and for what. */
export const appPorts = ({ name, port, publicPort, publicHost }: App): WantedPort[] => [
  { port, use: name, host: '127.0.0.1' },
  ...(publicPort === undefined ? [] : [{ port: publicPort, use: `${name}, to the public`, host: publicHost }]),
];

/** Every port that an app's sidecar listens on, and for what. */
export const sidecarPorts = (app: App): WantedPort[] => [
  { port: app.daprHttpPort, use: `the sidecar of ${app.name} (HTTP)`, host: '127.0.0.1' },
  { port: app.daprGrpcPort, use: `the sidecar of ${app.name} (gRPC)`, host: '127.0.0.1' },
  { port: app.daprInternalGrpcPort, use: `the sidecar of ${app.name} (internal gRPC)`, host: '127.0.0.1' },
  { port: app.metricsPort, use: `the sidecar of ${app.name} (metrics)`, host: '127.0.0.1' },
];
