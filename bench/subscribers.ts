// npm run bench:subscribers: one event to many subscribers of one replica.
import { fork, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { API_TOKEN, APP_TOKEN, startSidecar, type TestSidecar } from '../gateway/src/testing/sidecar.ts';
import { sampleGateway } from '../e2e/soak/gateway.ts';
import { contestants } from './gateway/gateways.ts';
import { notes, subgraphs } from './gateway/graph.ts';
import type { FromListeners, ToListeners } from './gateway/listeners.ts';
import { end, startOn, usageOf } from './gateway/processes.ts';
import { startBench, until } from './gateway/setup.ts';
import { writeSection } from './results.ts';
import { percentile } from './stack.ts';

const usage = `usage: npm run bench:subscribers -- [--subscribers N] [--events N] [--write]

Opens that many WebSockets (default 10,000), each with a token of a user of its own and one subscription, to one gateway, which
has CPU 0 for itself; delivers events to its internal port as its sidecar would, one after another (default 10), and prints how
long after that subscribers have the event: where it says all that is asked for, and where each subscriber's answer takes a
fetch from a subgraph as well. --write puts the table into bench/results.md.`;

const { values } = parseArgs({
  options: {
    subscribers: { type: 'string', default: '10000' },
    events: { type: 'string', default: '10' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
const [SUBGRAPHS, PORT, INTERNAL] = [4290, 4291, 4292];
const WAIT_MS = 120_000;
const subscribers = Number(values.subscribers);
const selections = {
  'of the event': 'subscription { noted { id text } }',
  'with a field of a subgraph': 'subscription { noted { id text book { title } } }',
};

const bench = await startBench(SUBGRAPHS, [...subgraphs, notes]);
const sidecar = await startSidecar();
try {
  const tokens = await Promise.all(Array.from({ length: subscribers }, (_, i) => bench.issuer.tokenOf(`user-${i}`)));
  const lines = [
    '| what is selected | p50 ms | p99 ms | all ms | CPU ms an event | MiB | KiB a subscriber |',
    '| --- |--:|--:|--:|--:|--:|--:|',
  ];
  for (const [name, query] of Object.entries(selections)) lines.push(await measure(name, query, tokens));
  const text = `One event to ${subscribers.toLocaleString('en')} subscribers of one replica, each another user.\n\n${lines.join('\n')}`;
  console.log(text);
  if (values.write) writeSection('Gateway: one event to many subscribers', text);
} finally {
  await sidecar.stop();
  await bench.stop();
}

async function measure(name: string, query: string, tokens: string[]): Promise<string> {
  const { own } = contestants({ supergraph: bench.supergraph, port: PORT, jwksUrl: bench.issuer.jwksUrl });
  if (!own) throw new Error('there is no gateway to measure');
  const child = startOn(0, own.argv, {
    ...own.env,
    INTERNAL_PORT: String(INTERNAL),
    DAPR_HTTP_ENDPOINT: sidecar.endpoint,
    DAPR_API_TOKEN: API_TOKEN,
    APP_API_TOKEN: APP_TOKEN,
    TOPIC_PARTITIONS: '1',
    MAX_SUBSCRIPTIONS: String(subscribers),
    MAX_CONNECTIONS_PER_ADDRESS: '0',
    SUBGRAPH_QUEUE: String(subscribers),
    SUBGRAPH_TIMEOUT_MS: String(WAIT_MS),
  });
  child.stdout?.resume();
  const listeners = fork('bench/gateway/listeners.ts', { execArgv: ['--no-warnings'] });
  try {
    sidecar.deliverTo(`http://127.0.0.1:${INTERNAL}`);
    await until(async () => {
      if (!(await fetch(`http://127.0.0.1:${INTERNAL}/readyz`)).ok) throw new Error('the gateway is not ready');
    });
    const idle = usageOf(child).memoryMiB;
    listeners.send({ url: `ws://127.0.0.1:${PORT}/graphql`, query, tokens } satisfies ToListeners);
    await hearing(listeners, (message) => 'connected' in message && message.connected === subscribers);
    await until(async () => {
      if ((await sampleGateway(INTERNAL)).subscribers < subscribers) throw new Error('subscriptions are being opened');
    });
    const open = usageOf(child);
    const times: number[] = [];
    const lasts: number[] = [];
    for (let i = 0; i < Number(values.events); i++) {
      const { begin, at } = await deliver(listeners, sidecar);
      times.push(...at.map((time) => time - begin));
      lasts.push(Math.max(...at) - begin);
    }
    const after = usageOf(child);
    const cpu = ((after.cpuSeconds - open.cpuSeconds) * 1000) / Number(values.events);
    const figures = [percentile(times, 50), percentile(times, 99), percentile(lasts, 50), cpu, after.memoryMiB];
    const each = ((open.memoryMiB - idle) * 1024) / subscribers;
    return `| ${name} | ${figures.map((figure) => figure.toFixed(0)).join(' | ')} | ${each.toFixed(1)} |`;
  } finally {
    const gone = new Promise((resolve) => listeners.once('exit', resolve));
    listeners.disconnect();
    await gone;
    await end(child);
  }
}

/** Delivers an event, and waits until all have it; times in milliseconds since 1970. */
async function deliver(listeners: ChildProcess, to: TestSidecar): Promise<{ begin: number; at: number[] }> {
  const id = randomUUID();
  const received = hearing(listeners, (message) => 'event' in message && message.event === id);
  const begin = performance.timeOrigin + performance.now();
  await to.deliver('bench.noted', {
    id,
    type: 'noted.v1',
    subject: '1',
    data: { text: 'something happened', book: { id: '1' } },
  });
  const message = await received;
  return { begin, at: 'times' in message ? message.times : [] };
}

/** The first message that is the one. Rejects with a failure that is told, or where nothing of the kind comes. */
async function hearing(listeners: ChildProcess, isIt: (message: FromListeners) => boolean): Promise<FromListeners> {
  const heard = Promise.withResolvers<FromListeners>();
  const listen = (message: FromListeners): void => {
    if ('failure' in message) heard.reject(new Error(message.failure));
    else if (isIt(message)) heard.resolve(message);
  };
  listeners.on('message', listen);
  const timer = new AbortController();
  const late = delay(WAIT_MS, undefined, { signal: timer.signal }).then(() => {
    throw new Error('what the subscribers should tell does not come');
  });
  try {
    return await Promise.race([heard.promise, late]);
  } finally {
    timer.abort();
    late.catch(() => undefined);
    listeners.off('message', listen);
  }
}
