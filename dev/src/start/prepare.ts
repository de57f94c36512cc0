import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { appPorts, sidecarPorts } from '../apps/list.ts';
import type { App } from '../apps/list.ts';
import { findBinaries } from '../dapr/binaries.ts';
import { givenAuth } from '../identity/part.ts';
import { haveJars } from '../kafka/jars.ts';
import { missingPrerequisites } from './prerequisites.ts';
import { takenPorts, takenPortsText } from './ports.ts';
import type { Ports, WantedPort } from './ports.ts';

/** A setting of the environment, empty counting as absent. */
export const setting = (env: NodeJS.ProcessEnv, name: string): string | undefined => env[name] || undefined;

/** @throws with one line for each missing program. */
export const checkPrerequisites = async (root: string, env: NodeJS.ProcessEnv): Promise<void> => {
  const ownKafka = setting(env, 'KAFKA_BROKERS') === undefined;
  const missing = await missingPrerequisites({
    java: ownKafka,
    maven: ownKafka && !haveJars(env),
    go: findBinaries(root, env) === undefined,
  });
  if (missing.length > 0) throw new Error(`Something is missing:\n${missing.map((line) => `    ${line}`).join('\n')}`);
};

/** @throws naming every port that is taken. */
export const checkPorts = async (ports: Ports, apps: App[], env: NodeJS.ProcessEnv): Promise<void> => {
  const taken = await takenPorts(wantedPorts(ports, apps, env));
  if (taken.length > 0) throw new Error(takenPortsText(taken));
};

/** Every port that this start needs. */
export const wantedPorts = (ports: Ports, apps: App[], env: NodeJS.ProcessEnv): WantedPort[] => {
  const own: [number, string][] = [
    [ports.sentry, 'sentry'],
    [ports.sentryHealth, 'sentry (health)'],
    [ports.scheduler, 'dapr-scheduler'],
    [ports.schedulerHealth, 'dapr-scheduler (health)'],
    [ports.schedulerMetrics, 'dapr-scheduler (metrics)'],
    [ports.etcdClient, 'dapr-scheduler (etcd)'],
    [ports.etcdPeer, 'dapr-scheduler (etcd peer)'],
  ];
  if (setting(env, 'DATABASE_URL') === undefined) own.push([ports.postgres, 'PostgreSQL; POSTGRES_PORT changes it']);
  if (setting(env, 'KAFKA_BROKERS') === undefined) {
    own.push([ports.kafka, 'Kafka; KAFKA_PORT changes it']);
    own.push([ports.kafkaController, 'Kafka; KAFKA_CONTROLLER_PORT changes it']);
  }
  if (givenAuth(env) === undefined) own.push([ports.identity, 'identity']);
  if (setting(env, 'SMTP_URL') === undefined) own.push([ports.mail, 'mail']);
  return [
    ...own.map(([port, use]) => ({ port, use, host: '127.0.0.1' })),
    ...apps.flatMap((app) => [...appPorts(app), ...sidecarPorts(app)]),
  ];
};

/**
 * Makes the data directory, emptied first if it is to be fresh.
 * @throws rather than delete a folder that no stack has used.
 */
export const prepareDataDir = (dataDir: string, fresh: boolean, env: NodeJS.ProcessEnv): void => {
  if (fresh && existsSync(dataDir)) {
    if (setting(env, 'DATABASE_URL') !== undefined) {
      throw new Error('--fresh would delete the passwords of databases that DATABASE_URL keeps: drop those yourself');
    }
    if (readdirSync(dataDir).length > 0 && !existsSync(join(dataDir, 'log'))) {
      throw new Error(`--fresh will not delete ${dataDir}: it is not a data directory of this stack`);
    }
    rmSync(dataDir, { recursive: true, force: true });
  }
  mkdirSync(join(dataDir, 'log'), { recursive: true });
};
