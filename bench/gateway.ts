// npm run bench:gateway: this gateway and others side by side, over subgraphs of the benchmark's own.
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { contestants, type Contestant } from './gateway/gateways.ts';
import { queries, subgraphs } from './gateway/graph.ts';
import { end, startOn, usageOf } from './gateway/processes.ts';
import { answerTo, load, startBench, until } from './gateway/setup.ts';
import { tableOf, type Row } from './gateway/table.ts';
import { writeSection } from './results.ts';

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
const connections = Number(values.connections);
const asked = values.queries.split(',');
const names = values.gateways.split(',');
const expected = new Map<string, unknown>();
const rows: Row[] = [];

const bench = await startBench(SUBGRAPHS, subgraphs);
const files = new Map(asked.map((query) => [query, bench.bodies(query, [{ query: queries[query] }])]));
const known = contestants({ supergraph: bench.supergraph, port: PORT, jwksUrl: bench.issuer.jwksUrl });
try {
  for (let round = 0; round < Number(values.rounds); round++)
    for (const name of round % 2 === 0 ? names : names.toReversed()) await measure(name, known[name] as Contestant);
  const table = tableOf(rows, names, asked, (name) => known[name]?.title ?? name);
  console.log(table);
  if (values.write) writeSection('Gateway', table);
} finally {
  await bench.stop();
}

async function measure(name: string, { argv, env, path, withToken }: Contestant): Promise<void> {
  const target = { url: `http://127.0.0.1:${PORT}${path}`, token: withToken ? bench.issuer.token : '' };
  const profiling =
    values.profile && name === 'own' ? ['--cpu-prof', `--cpu-prof-name=own-${asked.join('-')}.cpuprofile`] : [];
  const [program = '', ...args] = argv;
  const child = startOn(0, [program, ...profiling, ...args], env);
  child.stdout?.resume();
  try {
    await until(() => answerTo(files.get(asked[0] as string) as string, target));
    for (const [query, file] of files) {
      const check = (times: number): Promise<void> => checkAnswers(name, query, times, () => answerTo(file, target));
      await check(3);
      await load(file, target, { connections, seconds: seconds / 3 });
      const before = { ...usageOf(child), requests: await bench.fetched() };
      const loaded = await load(file, target, { connections, seconds });
      const after = { ...usageOf(child), requests: await bench.fetched() };
      await check(50);
      const row: Row = {
        gateway: name,
        query,
        ...loaded,
        cpuMillis: ((after.cpuSeconds - before.cpuSeconds) * 1000) / loaded.requests,
        memoryMiB: after.memoryMiB,
        fetches: (after.requests - before.requests) / loaded.requests,
      };
      rows.push(row);
      console.log(JSON.stringify(row));
    }
  } finally {
    await end(child);
  }
}

/** All gateways must answer alike. */
async function checkAnswers(name: string, query: string, times: number, ask: () => Promise<unknown>): Promise<void> {
  const answers = await Promise.all(Array.from({ length: times }, ask));
  if (!expected.has(query)) expected.set(query, answers[0]);
  for (const given of answers)
    if (!isDeepStrictEqual(given, expected.get(query)))
      throw new Error(`${name} answers ${query} otherwise: ${JSON.stringify(given).slice(0, 300)}`);
}
