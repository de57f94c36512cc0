import { createHash } from 'node:crypto';
import { copyFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readOptions } from '@todo/dev/start/readOptions';
import { startRedis } from '@todo/service/testing/redis';
import { DATA } from '../stack/paths.ts';
import { ready } from '../stack/ready.ts';
import { startStack, stopStack } from '../stack/start.ts';
import { type Fault, faults, repeatable } from './faults.ts';
import { type Options, parseOptions, usage } from './options.ts';
import type { Platform } from './platform.ts';
import { isGood, remarks, table } from './report.ts';
import { type Report, runFault } from './run.ts';
import { wrongInStores } from './stores.ts';
import type { World } from './world.ts';

/** Between a user's answers and its next mutation, and its next query: two each second. */
const PAUSE_MS = 500;
const SUPERGRAPH = resolve('.data/faults-supergraph.graphql');

const say = (line: string): void => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);

/** The faults to come: those that are asked for, in order, then some in the order that the seed says. */
function choose({ only, random, seed }: Options, platform: Platform): Fault[] {
  const isPossible = ({ name, needs }: Fault): boolean => {
    const has = needs === undefined || (needs === 'root' ? process.getuid?.() === 0 : platform[needs] !== undefined);
    if (!has) say(`${name} is left out: it needs ${needs}`);
    return has;
  };
  const wanted = faults.filter(({ name }) => only.length === 0 || only.some((word) => name.includes(word)));
  const place = (turn: number): number =>
    createHash('sha256').update(`${seed} ${turn}`).digest().readUInt32BE() % repeatable.length;
  const drawn = Array.from({ length: random }, (_, turn) => repeatable[place(turn)] as Fault);
  return [...wanted, ...drawn].filter(isPossible);
}

/** Runs the faults; whether all went well. */
async function run(options: Options): Promise<boolean> {
  console.log(`seed ${options.seed}, ${options.subscribers} subscribers, ${options.users} users`);
  await using stopping = new AsyncDisposableStack();
  const redis = await startRedis();
  stopping.defer(() => redis.stop());
  // However this ends, no process is left behind.
  process.once('exit', () => void redis.kill());
  const start = (how?: string[]) => startStack(DATA, environment, how);
  const environment = {
    REDIS_URL: redis.url,
    SUPERGRAPH,
    // Counted in Redis, and never reached.
    RATE_LIMIT_PER_MINUTE: '1000000',
  };
  await copyFile('schema/supergraph.graphql', SUPERGRAPH);
  let stack = await start(['--fresh', '--stay']);
  stopping.defer(() => stopStack(stack));
  const platform: Platform = {
    rotation: [ready().urls.graphql],
    redis,
    supergraph: SUPERGRAPH,
    restart: async () => {
      await stopStack(stack);
      stack = await start(['--stay']);
    },
  };
  const reports: Report[] = [];
  const worlds: World[] = [];
  const size = { users: options.users, subscribers: options.subscribers, pauseMs: PAUSE_MS };
  for (const fault of choose(options, platform)) {
    console.log(`\n${fault.name}`);
    const { report, world } = await runFault(fault, platform, size, say);
    reports.push(report);
    worlds.push(world);
    for (const line of [table([report]), ...remarks(report)]) console.log(line);
  }
  const late = (await Promise.all(worlds.map(wrongInStores))).flat();
  console.log(`\n${table(reports)}\n`);
  for (const report of reports) for (const line of remarks(report)) console.log(`${report.fault}: ${line}`);
  for (const line of late) console.log(`in the end: ${line}`);
  const good = reports.filter(isGood).length;
  console.log(`\n${good} of ${reports.length} faults went well (seed ${options.seed})`);
  return good === reports.length && late.length === 0;
}

const options = readOptions(parseOptions, usage);
if (options.help) console.log(usage);
else {
  // The stack gets a terminal's Ctrl-C too, and `exit` ends it where it does not.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  process.exitCode = (await run(options)) ? 0 : 1;
}
