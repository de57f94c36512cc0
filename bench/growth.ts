// npm run bench:growth: how this gateway does with ever more operations, and with ever larger answers.
import { parseArgs } from 'node:util';
import { contestants } from './gateway/gateways.ts';
import { subgraphs } from './gateway/graph.ts';
import { end, startOn, usageOf } from './gateway/processes.ts';
import { answerTo, load, startBench, until } from './gateway/setup.ts';
import { writeSection } from './results.ts';

const usage = `usage: npm run bench:growth -- [--seconds N] [--connections N] [--write]

Measures this gateway with 1, 10, 100 and 1,000 distinct operations (two fetches each), all in use at once, and with answers
of 1 KB, 100 KB and 1 MB (one fetch each); each time a gateway that was started for it, with CPU 0 for itself. --seconds: of
each measurement (default 15), after a third as long to warm up. --write puts the tables into bench/results.md.`;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '15' },
    connections: { type: 'string', default: '50' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const [SUBGRAPHS, PORT] = [4290, 4291];
/** Of one book, with its place in the list. */
const BOOK_BYTES = 64;

/** What is asked for: its name, and the requests. */
type Case = { name: string; bodies: object[] };
const operations = [1, 10, 100, 1000].map((count): Case => ({
  name: count.toLocaleString('en'),
  bodies: Array.from({ length: count }, (_, i) => ({
    query: `query Shown${i} { books(first: 5) { id title reviews { id text stars${i}: stars } } }`,
  })),
}));
const answers = [1, 100, 1000].map((kilobytes): Case => ({
  name: kilobytes < 1000 ? `${kilobytes} KB` : `${kilobytes / 1000} MB`,
  bodies: [{ query: `{ books(first: ${Math.round((kilobytes * 1000) / BOOK_BYTES)}) { id title pages } }` }],
}));

const bench = await startBench(SUBGRAPHS, subgraphs);
const { own } = contestants({ supergraph: bench.supergraph, port: PORT, jwksUrl: bench.issuer.jwksUrl });
try {
  const text = `${await tableOf('distinct operations', operations)}\n\n${await tableOf('answer', answers)}`;
  console.log(text);
  if (values.write) writeSection('Gateway: growth', text);
} finally {
  await bench.stop();
}

async function tableOf(what: string, cases: Case[]): Promise<string> {
  const lines = [
    `| ${what} | bytes | requests/s | p50 ms | p99 ms | CPU ms/request | MiB |`,
    '| --- |--:|--:|--:|--:|--:|--:|',
  ];
  for (const one of cases) lines.push(await measure(one));
  return lines.join('\n');
}

async function measure({ name, bodies }: Case): Promise<string> {
  if (!own) throw new Error('there is no gateway to measure');
  const target = { url: `http://127.0.0.1:${PORT}${own.path}`, token: bench.issuer.token };
  const file = bench.bodies(name, bodies);
  const child = startOn(0, own.argv, own.env);
  child.stdout?.resume();
  try {
    await until(() => answerTo(file, target));
    const bytes = JSON.stringify(await answerTo(file, target)).length;
    const [connections, seconds] = [Number(values.connections), Number(values.seconds)];
    await load(file, target, { connections, seconds: seconds / 3 });
    const before = usageOf(child);
    const { rps, requests, p50, p99 } = await load(file, target, { connections, seconds });
    const after = usageOf(child);
    const cpu = ((after.cpuSeconds - before.cpuSeconds) * 1000) / requests;
    const cells = [
      name,
      bytes,
      rps.toFixed(0),
      p50.toFixed(1),
      p99.toFixed(1),
      cpu.toFixed(3),
      after.memoryMiB.toFixed(0),
    ];
    const line = `| ${cells.join(' | ')} |`;
    console.log(line);
    return line;
  } finally {
    await end(child);
  }
}
