// npm run bench:tasks: how long the task service takes with few and with many tasks.
import { parseArgs } from 'node:util';
import type { Ready } from '@todo/dev/start/ready';
import { benchStack, percentile } from './stack.ts';
import { fill, HEAVY, someIds } from './tasks/fill.ts';
import { operations, send } from './tasks/operations.ts';

const usage = `Usage: npm run bench:tasks -- [options]

Fills the task service's state with 1,000, 100,000 and 1,000,000 tasks (three of ten are one user's; others have a few
hundred at most) and prints how long requests take at each size, one at a time, from the gateway's sidecar through the
task service's and back: p50 and p95 in milliseconds, for the user with many tasks and for another. Exits with 1 where
p95 of a list at the largest size is more than twice that at the smallest. Over the stack of npm start, which should have
no tasks, or one of its own where none runs.

  --sizes A,B,…   how many tasks, ascending (default 1000,100000,1000000)
  --samples N     requests of each kind and user at each size (default 300)
  --data DIR      the data directory of the running stack (default .data)
  --help          this text
`;
const OTHER = 'bench-1';
const WARM_UP = 20;

/** Milliseconds, by operation and user. */
type Times = Map<string, number[]>;

/** One request of each kind after the other, so that what else the machine does falls on all alike. */
async function measure(ready: Ready, samples: number): Promise<Times> {
  const times: Times = new Map();
  const users = await Promise.all(
    [HEAVY, OTHER].map(async (user) => ({ user, ids: await someIds(ready.databases['task'] ?? '', user, 1000) })),
  );
  for (let round = -WARM_UP; round < samples; round += 1)
    for (const { name, query, variables } of operations)
      for (const { user, ids } of users) {
        const body = variables(ids);
        const begin = performance.now();
        await send(ready, user, query, body);
        const key = `${name} | ${user === HEAVY ? 'many' : 'few'}`;
        if (round >= 0) times.set(key, [...(times.get(key) ?? []), performance.now() - begin]);
      }
  return times;
}

/** Prints the table. @returns whether each list takes no more than twice as long at the largest size */
function report(bySize: Map<number, Times>): boolean {
  const sizes = [...bySize.keys()];
  const title = sizes.map((size) => `${size.toLocaleString('en')}: p50 | p95`);
  console.log(`\n| operation | user's tasks | ${title.join(' | ')} | p95, largest / smallest |`);
  console.log(`| --- | --- | ${sizes.map(() => '---: | ---:').join(' | ')} | ---: |`);
  let isFlat = true;
  for (const { name, isList } of operations)
    for (const user of ['many', 'few']) {
      const key = `${name} | ${user}`;
      const p95 = sizes.map((size) => percentile(bySize.get(size)?.get(key) ?? [], 95));
      const p50 = sizes.map((size) => percentile(bySize.get(size)?.get(key) ?? [], 50));
      const growth = (p95.at(-1) as number) / (p95[0] as number);
      if (isList && growth > 2) isFlat = false;
      const figures = sizes.map((_, i) => `${p50[i]?.toFixed(1)} | ${p95[i]?.toFixed(1)}`);
      console.log(`| ${key} | ${figures.join(' | ')} | ${growth.toFixed(2)} |`);
    }
  console.log(
    `\np95 of each list at the largest size is ${isFlat ? 'at most' : 'NOT at most'} twice that at the smallest`,
  );
  return isFlat;
}

const { values } = parseArgs({
  options: {
    sizes: { type: 'string', default: '1000,100000,1000000' },
    samples: { type: 'string', default: '300' },
    data: { type: 'string', default: '.data' },
    help: { type: 'boolean', default: false },
  },
});
const sizes = values.sizes.split(',').map(Number);
const samples = Number(values.samples);
if (values.help) {
  console.log(usage);
} else if (
  !Number.isInteger(samples) ||
  samples < 1 ||
  sizes.some((size, i) => !Number.isInteger(size) || size <= (sizes[i - 1] ?? 0))
) {
  console.error(`--sizes and --samples must be whole numbers above 0, sizes ascending\n\n${usage}`);
  process.exitCode = 2;
} else {
  const { ready, stop } = await benchStack(values.data);
  try {
    const bySize = new Map<number, Times>();
    for (const size of sizes) {
      await fill(ready.databases['task'] ?? '', size);
      bySize.set(size, await measure(ready, samples));
    }
    if (!report(bySize)) process.exitCode = 1;
  } finally {
    await stop();
  }
}
