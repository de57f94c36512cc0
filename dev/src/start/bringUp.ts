import { appPart } from '../apps/part.ts';
import type { App } from '../apps/list.ts';
import { replicaOf } from '../apps/replica.ts';
import { findBinaries } from '../dapr/binaries.ts';
import type { DaprBinaries } from '../dapr/binaries.ts';
import { buildBinaries } from '../dapr/build.ts';
import { startDaprScheduler } from '../dapr/scheduler.ts';
import { startSentry } from '../dapr/sentry.ts';
import type { Trust } from '../dapr/sentry.ts';
import { sidecarPart } from '../dapr/sidecar.ts';
import { givenAuth, ownAuth, startIdentity } from '../identity/part.ts';
import { ownMail, startMail } from '../mail/part.ts';
import type { Part } from '../parts/part.ts';
import { startBroker } from '../kafka/broker.ts';
import { kafkaJars } from '../kafka/jars.ts';
import { createTopics } from '../kafka/topics.ts';
import { createDatabases, databases, databaseUrl } from '../postgres/databases.ts';
import { startPostgres } from '../postgres/server.ts';
import type { Infrastructure, Mail } from './infrastructure.ts';
import { buildPages } from '../web/build.ts';
import { setting } from './prepare.ts';
import { timed } from './progress.ts';
import type { Stack } from './stack.ts';

/** Starts everything that the apps run on. What does not need one another starts at the same time. */
export const startInfrastructure = async (stack: Stack): Promise<Infrastructure> => {
  const dapr = findBinaries(stack.root, stack.env) ?? (await timed(stack.progress, 'dapr', () => buildBinaries(stack)));
  const [databaseUrls, kafkaBrokers, control, mail] = await Promise.all([
    startDatabases(stack),
    startKafka(stack),
    startControlPlane(stack, dapr),
    startMailServer(stack),
    timed(stack.progress, 'web', () => buildPages(stack)),
  ]);
  const auth = givenAuth(stack.env) ?? ownAuth(stack.ports.identity);
  return { dapr, databaseUrls, kafkaBrokers, ...control, auth, mail };
};

const startDatabases = async (stack: Stack): Promise<Record<string, string>> => {
  const { progress, secrets, env } = stack;
  const server = setting(env, 'DATABASE_URL') ?? (await timed(progress, 'postgres', () => startPostgres(stack)));
  await timed(progress, 'databases', () => createDatabases(server, secrets.databases));
  const urls = Object.fromEntries(
    databases.map(({ name }) => [name, databaseUrl(server, name, secrets.databases[name] ?? '')]),
  );
  if (givenAuth(env) === undefined) {
    await timed(progress, 'identity', () => startIdentity(stack, urls['identity'] ?? ''));
  }
  return urls;
};

const startKafka = async (stack: Stack): Promise<string[]> => {
  const { progress, ports, env, signal } = stack;
  const given = setting(env, 'KAFKA_BROKERS');
  if (given === undefined) {
    const jars = await kafkaJars(stack);
    await timed(progress, 'kafka', () => startBroker(stack, jars));
  }
  const brokers = given?.split(',') ?? [`127.0.0.1:${ports.kafka}`];
  await timed(progress, 'topics', () => createTopics({ brokers }, signal));
  return brokers;
};

const startMailServer = async (stack: Stack): Promise<Mail> => {
  const own = ownMail(stack.ports.mail);
  const given = setting(stack.env, 'SMTP_URL');
  if (given !== undefined) return { SMTP_URL: given, MAIL_FROM: setting(stack.env, 'MAIL_FROM') ?? own.MAIL_FROM };
  await timed(stack.progress, 'mail', () => startMail(stack));
  return own;
};

const startControlPlane = async (
  stack: Stack,
  dapr: DaprBinaries,
): Promise<{ trust: Trust; schedulerAddress: string }> => {
  if (!dapr.own) {
    const { sentryHealth, schedulerHealth } = stack.ports;
    stack.progress.warn(
      `Dapr from ${dapr.dir} answers health checks to the network, on ${sentryHealth} and ${schedulerHealth}`,
    );
  }
  const trust = await timed(stack.progress, 'sentry', () => startSentry(stack, dapr));
  const schedulerAddress = await timed(stack.progress, 'dapr-scheduler', () => startDaprScheduler(stack, dapr, trust));
  return { trust, schedulerAddress };
};

/** Starts every app with its sidecar: each waits for the other, so both start at once. */
export const startApps = async (stack: Stack, infra: Infrastructure): Promise<void> => {
  const start = (app: App): Promise<void> =>
    timed(stack.progress, app.id, async () => {
      await Promise.all(partsOf(stack, infra, app).map((part) => stack.supervisor.start(part, stack.signal)));
    });
  await Promise.all(stack.apps.map(start));
  const gateway = stack.apps.find((app) => app.publicPort !== undefined);
  if (gateway === undefined) return;
  for (const part of partsOf(stack, infra, replicaOf(gateway))) stack.supervisor.add(part);
};

const partsOf = (stack: Stack, infra: Infrastructure, app: App): Part[] => [
  appPart(stack, infra, app),
  sidecarPart(stack, infra, app),
];
