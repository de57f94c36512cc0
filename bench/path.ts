// npm run bench:path: what the gateway adds to the way through the sidecars, and how soon subscribers hear of a mutation.
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Ready } from '@todo/dev/start/ready';
import { createTokens, signUpUsers } from '../e2e/soak/users.ts';
import { follow } from '../e2e/stack/follower.ts';
import { benchStack, graphql, invoke, percentile } from './stack.ts';
import { writeSection } from './results.ts';

const usage = `usage: npm run bench:path -- [--rounds N] [--requests N] [--mutations N] [--data DIR] [--write]

Asks for one task in two ways, in turns: raw, which is a POST to the task service through the gateway's sidecar and the
service's, and whole, through the gateway's public port with a token. Prints requests/s of 1 and of 50 at once, and the ratio.
Then creates tasks one after another, and prints how long after sending a mutation, and after its answer, a subscriber has
the event. Over the stack of npm start, or one of its own where none runs.

  --rounds N      turns of each way (default 8)
  --requests N    requests of each turn (default 1000)
  --mutations N   tasks that are created for the subscriber (default 300)
  --data DIR      the data directory of the running stack (default .data)
  --write         puts the tables into bench/results.md`;
const QUERY = 'query ($id: ID!) { task(id: $id) { id title status version } }';
const CREATE = 'mutation { createTask(input: { title: "Bench the way" }) { id } }';
const WAIT_MS = 30_000;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '8' },
    requests: { type: 'string', default: '1000' },
    mutations: { type: 'string', default: '300' },
    data: { type: 'string', default: '.data' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

/** Sends so many requests, so many at once; milliseconds of each, and of all. */
async function timed(count: number, atOnce: number, send: () => Promise<unknown>) {
  const times: number[] = [];
  const begin = performance.now();
  let left = count;
  const loop = async (): Promise<void> => {
    while (left-- > 0) {
      const started = performance.now();
      await send();
      times.push(performance.now() - started);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, loop));
  return { times, took: performance.now() - begin };
}

const rateOf = ({ times, took }: { times: number[]; took: number }): number => (times.length / took) * 1000;

async function measureWays(ready: Ready, token: string): Promise<string> {
  const { createTask } = await graphql(ready, token, CREATE, {});
  const { sub } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sub: string };
  const identity = { sub, scopes: [], claims: {} };
  const ways = {
    raw: () => invoke(ready, 'task-service', identity, QUERY, createTask),
    whole: () => graphql(ready, token, QUERY, createTask),
  };
  const lines = ['| at once | way | requests/s | ratio | p50 ms | p99 ms |', '| --: | --- | --: | --: | --: | --: |'];
  for (const atOnce of [1, 50]) {
    const results = { raw: { times: [] as number[], took: 0 }, whole: { times: [] as number[], took: 0 } };
    for (let round = -1; round < Number(values.rounds); round++)
      for (const way of ['raw', 'whole'] as const) {
        const { times, took } = await timed(Number(values.requests), atOnce, ways[way]);
        if (round < 0) continue; // warming up
        results[way].times.push(...times);
        results[way].took += took;
      }
    for (const way of ['raw', 'whole'] as const) {
      const { times } = results[way];
      const rate = rateOf(results[way]);
      const cells = [rate.toFixed(0), (rate / rateOf(results.raw)).toFixed(2)];
      lines.push(
        `| ${atOnce} | ${way} | ${[...cells, percentile(times, 50).toFixed(1), percentile(times, 99).toFixed(1)].join(' | ')} |`,
      );
    }
  }
  return lines.join('\n');
}

const row = (name: string, times: number[]): string =>
  `| ${name} | ${[50, 99, 100].map((percent) => percentile(times, percent).toFixed(1)).join(' | ')} |`;

async function measureLive(ready: Ready, token: string): Promise<string> {
  const received = new Map<string, number>();
  const failures: Error[] = [];
  const isOpen = Promise.withResolvers<void>();
  const follower = follow({
    transport: 'ws',
    url: () => ready.urls.graphql,
    token: () => token,
    query: 'subscription { taskChanged { task { id title } } }',
    onOpen: () => isOpen.resolve(),
    onResult: ({ data }) => void received.set(data?.taskChanged.task.id, performance.now()),
    onFailure: (error) => void failures.push(error),
  });
  const heardOf = async (id: string): Promise<number> => {
    const end = performance.now() + WAIT_MS;
    for (;;) {
      const at = received.get(id);
      if (at !== undefined) return at;
      if (failures[0]) throw failures[0];
      if (performance.now() > end) throw new Error('the subscriber heard nothing of a mutation');
      await delay(1);
    }
  };
  const sent: number[] = [];
  const answered: number[] = [];
  try {
    await isOpen.promise;
    // Until the subscription stands, tasks are created in vain.
    while (received.size === 0) {
      await graphql(ready, token, CREATE, {});
      await delay(100);
    }
    for (let i = 0; i < Number(values.mutations); i++) {
      const begin = performance.now();
      const { createTask } = await graphql(ready, token, CREATE, {});
      const answer = performance.now();
      const at = await heardOf(createTask.id);
      sent.push(at - begin);
      answered.push(at - answer);
    }
  } finally {
    await follower.stop();
  }
  const head = '| until a subscriber has the event (ms) | p50 | p99 | maximum |\n| --- | --: | --: | --: |';
  return [head, row('from sending the mutation', sent), row('from its answer', answered)].join('\n');
}

if (values.help) console.log(usage);
else {
  const { ready, stop } = await benchStack(values.data);
  try {
    const { identity } = ready.urls;
    const token = await createTokens(identity, await signUpUsers(identity, 1))(0);
    const text = `${await measureWays(ready, token)}\n\n${await measureLive(ready, token)}`;
    console.log(`\n${text}`);
    if (values.write) writeSection('The way through the sidecars', text);
  } finally {
    await stop();
  }
}
