// npm run bench:events: how many events a second come from the outbox to their effect in analytics, and how long reports take.
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { stopPart } from '@todo/dev/control/client';
import { type Ready, readReady } from '@todo/dev/start/ready';
import { startStack, stopStack } from '../e2e/stack/start.ts';
import { fromOutboxToInbox, takeAnalyticsPlace, throughDapr } from './events/paths.ts';
import { fillAnalytics, measureReports } from './events/reports.ts';
import { traffic } from './events/traffic.ts';

const usage = `Usage: npm run bench:events -- [options]

Starts a stack of its own, without the services that hear the same events, and prints, for each number of events, how many a
second come from the task service's outbox to their committed effect in analytics; and through Dapr alone: published in
bulk by the same sidecar, delivered in bulk by the same sidecar to an app that does nothing. Then it fills analytics with
what 1,000,000 events leave behind, and prints how long a year's report takes, from the gateway's sidecar and back. Exits
with 1 where the largest number takes less than half of what Dapr alone takes, an event more than twice the time of the
smallest number, or p95 of a report 100 ms.

  --events A,B,…  how many, ascending (default 1000,10000,50000)
  --reads N       events behind the reports (default 1000000)
  --samples N     reports of each kind (default 200)
  --help          this text
`;
const DATA = '.data/bench-events';
const REPORT_LIMIT_MS = 100;
const WARM_UP = 500;

type Rates = { outboxToInbox: number; daprAlone: number };

async function measure(ready: Ready, count: number): Promise<Rates> {
  const ownerId = `bench-${randomUUID()}`;
  const took = await fromOutboxToInbox(ready, ownerId, traffic(count, ownerId));
  const place = await takeAnalyticsPlace(DATA, ready);
  try {
    // The sidecar may still be trying what it could not deliver meanwhile.
    await throughDapr(ready, place.taken, traffic(WARM_UP, ownerId));
    const alone = await throughDapr(ready, place.taken, traffic(count, ownerId));
    return { outboxToInbox: (count * 1000) / took, daprAlone: (count * 1000) / alone };
  } finally {
    await place.stop();
  }
}

async function run(sizes: number[], reads: number, samples: number): Promise<boolean> {
  const stack = await startStack(DATA, { RATE_LIMIT_PER_MINUTE: '0' });
  try {
    const ready = readReady(DATA) as Ready;
    for (const app of ['notification-service', 'scheduler-service'])
      for (const part of [app, `${app}-dapr`]) await stopPart(DATA, part);
    // The gateway hears them, too; its sidecar is the way to the reports.
    await stopPart(DATA, 'api-gateway');
    await fromOutboxToInbox(ready, 'bench-warm-up', traffic(WARM_UP, 'bench-warm-up'));
    const rates = new Map<number, Rates>();
    for (const size of sizes) rates.set(size, await measure(ready, size));
    console.log(
      `\n| events | outbox to inbox (events/s) | Dapr alone (events/s) | share | µs an event |\n| ---: | ---: | ---: | ---: | ---: |`,
    );
    for (const [size, { outboxToInbox, daprAlone }] of rates) {
      const figures = [outboxToInbox.toFixed(0), daprAlone.toFixed(0), (outboxToInbox / daprAlone).toFixed(2)];
      console.log(`| ${size.toLocaleString('en')} | ${figures.join(' | ')} | ${(1e6 / outboxToInbox).toFixed(0)} |`);
    }
    const [smallest, largest] = [rates.get(sizes[0] as number), rates.get(sizes.at(-1) as number)] as [Rates, Rates];
    const isFast = largest.outboxToInbox >= largest.daprAlone / 2;
    const isFlat = largest.outboxToInbox >= smallest.outboxToInbox / 2;
    await fillAnalytics(ready, reads);
    const isShort = await measureReports(ready, samples, REPORT_LIMIT_MS);
    return isFast && isFlat && isShort;
  } finally {
    await stopStack(stack);
  }
}

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000,10000,50000' },
    reads: { type: 'string', default: '1000000' },
    samples: { type: 'string', default: '200' },
    help: { type: 'boolean', default: false },
  },
});
const sizes = values.events.split(',').map(Number);
const [reads, samples] = [values.reads, values.samples].map(Number);
if (values.help || !reads || !samples || sizes.some((size, i) => !(size > (sizes[i - 1] ?? 0)))) {
  console.log(usage);
  process.exitCode = values.help ? 0 : 2;
} else process.exitCode = (await run(sizes, reads, samples)) ? 0 : 1;
