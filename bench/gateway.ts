// npm run bench:gateway: this gateway and others side by side, over subgraphs of the benchmark's own.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import composition from '@apollo/composition';
import { parse } from 'graphql';
import { contestants, type Contestant } from './gateway/gateways.ts';
import { queries, subgraphs } from './gateway/graph.ts';
import { startIssuer } from './gateway/issuer.ts';
import { end, outputOf, startOn, usageOf } from './gateway/processes.ts';
import { replaceSection, tableOf, type Row } from './gateway/table.ts';

const usage = `usage: npm run bench:gateway -- [--gateways apollo,hive,own] [--queries heavy,medium,small] [--seconds N]
         [--rounds N] [--connections N] [--profile] [--write]

Each gateway in turn has CPU 0 for itself; subgraphs and load have CPU 1. Answers are compared with the first gateway's before
and after each measurement. --profile writes a CPU profile of this gateway (own-QUERY.cpuprofile), --write puts the table into
bench/results.md. The first run of hive downloads it from npm.`;

const { values } = parseArgs({
  options: {
    gateways: { type: 'string', default: 'apollo,hive,own' },
    queries: { type: 'string', default: Object.keys(queries).join() },
    seconds: { type: 'string', default: '15' },
    rounds: { type: 'string', default: '2' },
    connections: { type: 'string', default: '50' },
    profile: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean' },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const [SUBGRAPHS, PORT] = [4290, 4291];
const seconds = Number(values.seconds);
const asked = values.queries.split(',');

const directory = mkdtempSync(join(tmpdir(), 'bench-gateway-'));
const supergraph = join(directory, 'supergraph.graphql');
const { supergraphSdl, errors } = composition.composeServices(
  subgraphs.map(({ name, typeDefs }) => ({
    name,
    url: `http://127.0.0.1:${SUBGRAPHS}/${name}`,
    typeDefs: parse(typeDefs),
  })),
);
if (!supergraphSdl) throw new Error(`the subgraphs do not compose: ${String(errors)}`);
writeFileSync(supergraph, supergraphSdl);
for (const name of asked) writeFileSync(join(directory, name), JSON.stringify({ query: queries[name] }));

const issuer = await startIssuer();
const known = contestants({ supergraph, port: PORT, jwksUrl: issuer.jwksUrl });
const names = values.gateways.split(',');
const expected = new Map<string, unknown>();
const rows: Row[] = [];
const served = startOn(1, [process.execPath, 'bench/gateway/subgraphs.ts'], { PORT: String(SUBGRAPHS) });

try {
  await until(() => fetch(`http://127.0.0.1:${SUBGRAPHS}/requests`));
  for (let round = 0; round < Number(values.rounds); round++)
    for (const name of round % 2 === 0 ? names : names.toReversed()) await measure(name, known[name] as Contestant);
  const table = tableOf(rows, names, asked, (name) => known[name]?.title ?? name);
  console.log(table);
  if (values.write) write(table);
} finally {
  await end(served);
  issuer.stop();
  rmSync(directory, { recursive: true });
}

async function measure(name: string, { argv, env, path, withToken }: Contestant): Promise<void> {
  const url = `http://127.0.0.1:${PORT}${path}`;
  const token = withToken ? issuer.token : '';
  const profiling =
    values.profile && name === 'own' ? ['--cpu-prof', `--cpu-prof-name=own-${asked.join('-')}.cpuprofile`] : [];
  const [program = '', ...args] = argv;
  const child = startOn(0, [program, ...profiling, ...args], env);
  child.stdout?.resume();
  try {
    await until(() => answer(url, asked[0] as string, token));
    for (const query of asked) {
      await check(name, url, query, token, 3);
      await load(url, query, token, seconds / 3);
      const before = { ...usageOf(child), requests: await fetched() };
      const result = await load(url, query, token, seconds);
      const after = { ...usageOf(child), requests: await fetched() };
      await check(name, url, query, token, 50);
      if (result.failed > 0) throw new Error(`${name} failed ${result.failed} times`);
      const row: Row = {
        gateway: name,
        query,
        ...result,
        cpuMillis: ((after.cpuSeconds - before.cpuSeconds) * 1000) / result.requests,
        memoryMiB: after.memoryMiB,
        fetches: (after.requests - before.requests) / result.requests,
      };
      rows.push(row);
      console.log(JSON.stringify(row));
    }
  } finally {
    await end(child);
  }
}

async function answer(url: string, query: string, token: string): Promise<unknown> {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const response = await fetch(url, { method: 'POST', headers, body: readFileSync(join(directory, query)) });
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return response.json();
}

async function check(name: string, url: string, query: string, token: string, times: number): Promise<void> {
  const answers = await Promise.all(Array.from({ length: times }, () => answer(url, query, token)));
  if (!expected.has(query)) expected.set(query, answers[0]);
  for (const given of answers)
    if (!isDeepStrictEqual(given, expected.get(query)))
      throw new Error(`${name} answers ${query} otherwise: ${JSON.stringify(given).slice(0, 300)}`);
}

async function load(url: string, query: string, token: string, time: number) {
  const argv = ['bench/gateway/load.ts', url, join(directory, query), token, values.connections, String(time)];
  const text = await outputOf(startOn(1, [process.execPath, ...argv]));
  return JSON.parse(text) as Pick<Row, 'rps' | 'requests' | 'p50' | 'p99'> & { failed: number };
}

async function fetched(): Promise<number> {
  return Number(await (await fetch(`http://127.0.0.1:${SUBGRAPHS}/requests`)).text());
}

async function until(works: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await works();
      return;
    } catch (error) {
      if (tries === 600) throw error;
      await setTimeout(100);
    }
  }
}

function write(table: string): void {
  const { stdout } = spawnSync('uname', ['-sr'], { encoding: 'utf8' });
  const machine = `${cpus().length} cores of ${cpus()[0]?.model.trim()}, ${stdout.trim()}, Node ${process.version}`;
  const command = `npm run bench:gateway -- ${process.argv.slice(2).join(' ')}`.trim();
  const file = 'bench/results.md';
  writeFileSync(
    file,
    replaceSection(readFileSync(file, 'utf8'), 'Gateway', `    ${command}\n\n${machine}.\n\n${table}`),
  );
}
