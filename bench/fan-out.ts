// npm run bench:fan-out: what it takes to find whom an event is for, with the index of filters and without.
import { parseArgs } from 'node:util';
import type { Identity } from '@todo/service/identity';
import { createAudience } from '../gateway/src/subscriptions/audience.ts';
import type { CloudEvent } from '../gateway/src/subscriptions/event.ts';
import { compileFilter } from '../gateway/src/subscriptions/filter.ts';

const usage = `usage: npm run bench:fan-out -- [--subscribers N,N,...] [--events N]

Each subscriber is a user of their own, and each event one user's. For each number of subscribers (default: 100,1000,10000)
prints the time that an event takes, in milliseconds, when it is held against every filter, and when the index names those
whom it can concern. Both ways are measured in turns, over as many events each (default: 200), and must agree.`;

const FILTER = 'event.data.ownerId == identity.sub && (args.id == null || args.id == event.subject)';
const ROUNDS = 5;

const { values } = parseArgs({
  options: {
    subscribers: { type: 'string', default: '100,1000,10000' },
    events: { type: 'string', default: '200' },
    help: { type: 'boolean' },
  },
});
const counts = values.subscribers.split(',').map(Number);
const events = Number(values.events);
if (values.help || ![...counts, events].every((number) => Number.isInteger(number) && number > 0)) {
  console.log(usage);
  process.exit(values.help ? 0 : 2);
}

type Listener = { accepts: (event: CloudEvent) => boolean };
const { accepts, index } = compileFilter(FILTER, ['id']);

function subscribersOf(count: number): { all: Listener[]; audience: ReturnType<typeof createAudience<Listener>> } {
  const audience = createAudience<Listener>();
  const args = { id: null };
  const all = Array.from({ length: count }, (_, i) => {
    const identity: Identity = { sub: `user-${i}`, scopes: [], claims: {} };
    const listener: Listener = { accepts: (event) => accepts(event, identity, args) };
    audience.add(listener, { topics: ['t'], index, key: index?.keyOfSubscriber(identity, args) });
    return listener;
  });
  return { all, audience };
}

const eventFor = (user: number): CloudEvent => ({
  specversion: '1.0',
  id: String(user),
  source: '/bench',
  type: 'changed',
  subject: 's',
  data: { ownerId: `user-${user}` },
});

/** Milliseconds an event, and how many it was for. */
function measure(count: number, find: (event: CloudEvent) => Listener[]): { ms: number; found: number } {
  let found = 0;
  const started = performance.now();
  for (let i = 0; i < events; i++) found += find(eventFor((i * 7919) % count)).length;
  return { ms: (performance.now() - started) / events, found };
}

const median = (numbers: number[]): number => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] as number;

for (const count of counts) {
  const { all, audience } = subscribersOf(count);
  const plain = (event: CloudEvent): Listener[] => all.filter((listener) => listener.accepts(event));
  const indexed = (event: CloudEvent): Listener[] =>
    audience
      .of('t', event, () => {})
      .flatMap((some) => [...some])
      .filter((listener) => listener.accepts(event));
  const times: { plain: number[]; indexed: number[] } = { plain: [], indexed: [] };
  for (let round = 0; round <= ROUNDS; round++) {
    const [one, other] = [measure(count, plain), measure(count, indexed)];
    if (one.found !== other.found) throw new Error(`found ${one.found} and ${other.found}`);
    if (round === 0) continue; // warming up
    times.plain.push(one.ms);
    times.indexed.push(other.ms);
  }
  const [before, after] = [median(times.plain), median(times.indexed)];
  console.log(
    `${String(count).padStart(6)} subscribers: every filter ${before.toFixed(3)} ms, index ${after.toFixed(4)} ms, ratio ${(before / after).toFixed(0)}`,
  );
}
