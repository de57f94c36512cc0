import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { listParts } from '@todo/dev/control/client';
import { type Ready, readReady } from '@todo/dev/start/ready';
import { readOptions } from '@todo/dev/start/readOptions';
import { startStack, stopStack } from '../stack/start.ts';
import { startAudience, type Audience } from './audience.ts';
import { sampleGateway } from './gateway.ts';
import { startLoad } from './load.ts';
import type { Report } from './messages.ts';
import { type Options, parseOptions, usage } from './options.ts';
import { header, row, type Snapshot, summary } from './report.ts';
import { createTokens, signUpUsers } from './users.ts';

const OWN_DATA = '.data/soak';
const OPEN_WITHIN_MS = 120_000;
const SETTLE_WITHIN_MS = 30_000;

/** The stack that runs there, or one of its own. */
async function findStack(data: string): Promise<{ data: string; ready: Ready; own?: ChildProcess }> {
  const running = readReady(data);
  if (running) return { data, ready: running };
  console.log(`No stack is ready on ${data}: starting one on ${OWN_DATA}`);
  const own = await startStack(OWN_DATA, { RATE_LIMIT_PER_MINUTE: '0' });
  return { data: OWN_DATA, ready: readReady(OWN_DATA) as Ready, own };
}

/** The replicas of the gateway that run. */
async function runningGateways(data: string, ready: Ready): Promise<{ url: string; port: number }[]> {
  const parts = new Map((await listParts(data)).map((part) => [part.name, part]));
  return ready.gateways
    .filter(({ name }) => parts.get(name)?.state === 'ready')
    .map(({ name, graphql }) => ({ url: graphql, port: parts.get(name)?.port as number }));
}

/** Resolves once the gateways hold that many subscriptions. @throws where that takes too long */
async function allOpen(ports: number[], subscribers: number, audience: Audience): Promise<void> {
  const deadline = Date.now() + OPEN_WITHIN_MS;
  for (;;) {
    const open = (await Promise.all(ports.map(sampleGateway))).reduce((sum, sample) => sum + sample.subscribers, 0);
    if (open >= subscribers) return;
    const { failures } = await audience.report();
    if (failures.length > 0 || Date.now() > deadline) {
      throw new Error(`${open} of ${subscribers} subscriptions are open; ${failures[0] ?? 'the others take too long'}`);
    }
    await delay(500);
  }
}

/** Waits for what is on the way. */
async function settled(audience: Audience): Promise<Report> {
  const deadline = Date.now() + SETTLE_WITHIN_MS;
  for (;;) {
    const report = await audience.report();
    if (report.counts.missed + report.counts.pending === 0 || Date.now() > deadline) return report;
    await delay(500);
  }
}

/** Runs the soak; whether all went well. */
async function soak(ready: Ready, gateways: { url: string; port: number }[], options: Options): Promise<boolean> {
  const identity = ready.urls.identity;
  const ports = gateways.map(({ port }) => port);
  const urls = gateways.map(({ url }) => url);
  console.log(`${options.users} users sign up, ${options.subscribers} subscriptions open at ${urls.join(' and ')}`);
  const users = await signUpUsers(identity, options.users);
  const audience = startAudience({ identity, urls, users, subscribers: options.subscribers, sse: options.sse });
  try {
    await allOpen(ports, options.subscribers, audience);
    const begin = performance.now();
    const snapshot = async (mutations: number, report: Report): Promise<Snapshot> => ({
      seconds: (performance.now() - begin) / 1000,
      mutations,
      report,
      gateways: await Promise.all(ports.map(sampleGateway)),
    });
    const start = await snapshot(0, await audience.report());
    console.log(`\n${header()}\n${row(start)}`);
    const load = startLoad({
      urls,
      users: options.users,
      rate: options.rate,
      token: createTokens(identity, users),
      onDone: (user, { id, version }) => audience.expect(`${id} ${version}`, user),
    });
    const end = begin + options.minutes * 60_000;
    for (let left = end - performance.now(); left > 0; left = end - performance.now()) {
      await delay(Math.min(60_000, left));
      console.log(row(await snapshot(load.done(), await audience.report())));
    }
    await load.stop();
    const seconds = (performance.now() - begin) / 1000;
    const last = { ...(await snapshot(load.done(), await settled(audience))), seconds };
    const failures = [...load.failures(), ...last.report.failures];
    const { missed, pending, duplicated } = last.report.counts;
    const isGood = missed + pending + duplicated + failures.length === 0;
    console.log(`\n${isGood ? 'Nothing missed, nothing doubled' : 'FAILED'}\n${summary(start, last, failures)}`);
    return isGood;
  } finally {
    await audience.stop();
  }
}

async function run(options: Options): Promise<boolean> {
  const { data, ready, own } = await findStack(options.data);
  try {
    return await soak(ready, await runningGateways(data, ready), options);
  } finally {
    if (own) await stopStack(own);
  }
}

const options = readOptions(parseOptions, usage);
if (options.help) console.log(usage);
else {
  // A stack of its own gets a terminal's Ctrl-C too, and `exit` ends it where it does not.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  try {
    process.exitCode = (await run(options)) ? 0 : 1;
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
