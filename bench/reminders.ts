// npm run bench:reminders: how late reminders are, from the time they are set for to their event.
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Ready } from '@todo/dev/start/ready';
import { forEach } from '@todo/service/limit';
import { createTokens, signUpUsers } from '../e2e/soak/users.ts';
import { followTopic } from '../e2e/stack/topic-follower.ts';
import { benchStack, graphql, percentile } from './stack.ts';

const usage = `Usage: npm run bench:reminders -- [options]

Creates tasks that fall due over a while, evenly, and prints how late their reminders are: published (the event's own
time) and received (by a consumer of the topic). Over the stack of npm start, or one of its own where none runs.

  --reminders N   how many (default 1000)
  --over SECONDS  the time over which they fall due (default 60)
  --lead SECONDS  how long before the first one the tasks are created (default 60)
  --users N       whose they are (default 20)
  --data DIR      the data directory of the running stack (default .data)
`;
const CREATE = `mutation ($input: CreateTaskInput!) { createTask(input: $input) { id } }`;
/** What has not come so long after it was due, in milliseconds, is missed. */
const WAIT_MS = 30_000;
const AT_ONCE = 8;

type Lateness = { published: number; received: number };

async function bench(ready: Ready, options: { reminders: number; over: number; lead: number; users: number }) {
  const { reminders, over, lead, users } = options;
  const token = createTokens(ready.urls.identity, await signUpUsers(ready.urls.identity, users));
  const late = new Map<string, Lateness[]>();
  const stop = await followTopic(ready.kafkaBrokers, 'task.reminder', (event) => {
    const due = Date.parse(event?.data?.remindAt);
    late.get(event?.subject)?.push({ published: Date.parse(event.time) - due, received: Date.now() - due });
  });
  try {
    const begin = Date.now();
    const first = begin + lead * 1000;
    await forEach([...Array(reminders).keys()], AT_ONCE, async (i) => {
      const dueAt = new Date(first + (i * over * 1000) / reminders).toISOString();
      const { createTask } = await graphql(ready, await token(i % users), CREATE, { input: { title: `${i}`, dueAt } });
      late.set(createTask.id, []);
    });
    const seconds = (Date.now() - begin) / 1000;
    console.log(`${reminders} tasks of ${users} users created in ${seconds.toFixed(1)} s; due over ${over} s`);
    if (Date.now() > first) throw new Error(`the first fell due before all were created: --lead must be longer`);
    const end = first + over * 1000 + WAIT_MS;
    while (Date.now() < end && [...late.values()].some((one) => one.length === 0)) await delay(200);
    // What comes twice comes soon after.
    await delay(3000);
  } finally {
    await stop();
  }
  return [...late.values()];
}

function report(all: Lateness[][]): boolean {
  const came = all.flatMap((one) => one.slice(0, 1));
  const missed = all.filter((one) => one.length === 0).length;
  const doubled = all.filter((one) => one.length > 1).length;
  console.log(`\n| lateness (ms) | p50 | p99 | maximum |\n| --- | ---: | ---: | ---: |`);
  for (const kind of ['published', 'received'] as const) {
    const values = came.map((one) => one[kind]);
    const figures = [percentile(values, 50), percentile(values, 99), percentile(values, 100)];
    console.log(`| ${kind} | ${figures.join(' | ')} |`);
  }
  console.log(`\n${came.length} came, ${missed} missed, ${doubled} twice`);
  return (
    missed + doubled === 0 &&
    percentile(
      came.map(({ received }) => received),
      99,
    ) < 1000
  );
}

const { values } = parseArgs({
  options: {
    reminders: { type: 'string', default: '1000' },
    over: { type: 'string', default: '60' },
    lead: { type: 'string', default: '60' },
    users: { type: 'string', default: '20' },
    data: { type: 'string', default: '.data' },
    help: { type: 'boolean', default: false },
  },
});
const [reminders, over, lead, users] = [values.reminders, values.over, values.lead, values.users].map(Number);
if (values.help || !reminders || !over || !lead || !users) console.log(usage);
else {
  const { ready, stop } = await benchStack(values.data);
  try {
    process.exitCode = report(await bench(ready, { reminders, over, lead, users })) ? 0 : 1;
  } finally {
    await stop();
  }
}
