import type { Stop } from '@todo/service/shutdown';
import type { Channel } from '../channels/channel.ts';
import type { AppContext } from '../context.ts';
import type { Circuits } from './circuits.ts';
import { claim, dueDeliveries } from './claim.ts';
import type { RetryPolicy } from './outcome.ts';
import { sendDelivery } from './send.ts';
import { createTargets } from './targets.ts';

export type DeliveryWorkers = {
  /** Says that there is something new to send, so that it need not wait for the next poll. */
  nudge(): void;
  /** Begins nothing more, waits a while for what is under way, and then ends it: it may have been sent. */
  stop: Stop;
};

const POLL_MS = 1_000;
const MAX_PAUSE_MS = 30_000;
/** How much longer than sending may take a delivery is this replica's. */
const LEASE_MARGIN_MS = 30_000;
const STOP_WITHIN_MS = 5_000;
/** How long after that its end may take to write. */
const WRITE_WITHIN_MS = 2_000;

type WorkerContext = Pick<AppContext, 'state' | 'orm' | 'logger'>;

/** Sends what the log says is due, over each channel by itself: one that is slow holds back no other, and no event. */
export function startWorkers(
  context: WorkerContext,
  channels: readonly Channel[],
  policy: RetryPolicy,
  circuits: Circuits,
): DeliveryWorkers {
  const workers = channels.map((channel) => startWorker(context, channel, policy, circuits));
  return {
    nudge() {
      for (const worker of workers) worker.nudge();
    },
    async stop() {
      await Promise.all(workers.map((worker) => worker.stop()));
    },
  };
}

function startWorker(
  context: WorkerContext,
  channel: Channel,
  policy: RetryPolicy,
  circuits: Circuits,
): DeliveryWorkers {
  const { logger } = context;
  const underWay = new Set<Promise<void>>();
  const stopping = new AbortController();
  const targets = createTargets(channel, circuits);
  let stopped = false;
  let nudged = false;
  let failures = 0;
  let wake: (() => void) | undefined;

  const rest = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, stopped ? 0 : ms);
      wake = () => (clearTimeout(timer), resolve());
    });

  /** Begins what is due, as far as there is room: true where there may be more. */
  async function beginNext(): Promise<boolean> {
    const room = channel.concurrency - underWay.size;
    const leaseMs = channel.timeoutMs + LEASE_MARGIN_MS;
    // Not after the database sets the end: this replica thinks of it as a little earlier.
    const until = performance.now() + leaseMs;
    const due = await dueDeliveries(context.orm, channel.name, { limit: room, leaseMs, leftOut: targets.full() });
    const { claimed, failed } = await claim(context.state, targets.fitting(due));
    for (const begun of claimed) {
      const work = sendDelivery(context, { channel, circuits, policy, stopping: stopping.signal }, { begun, until })
        // It stays as begun, and comes again once the lease is over.
        .catch((error: unknown) => logger.error({ err: error, delivery: begun.id }, 'an outcome could not be written'))
        .finally(() => {
          targets.end(begun);
          underWay.delete(work);
          wake?.();
        });
      underWay.add(work);
      targets.begin(begun);
    }
    if (failed.length > 0) throw failed[0];
    return due.length === room;
  }

  const running = (async () => {
    while (!stopped) {
      // Woken by whatever ends, also one that is to show whether the channel is back.
      if (underWay.size >= channel.concurrency || circuits.blocked().includes(channel.name)) {
        await rest(POLL_MS);
        continue;
      }
      nudged = false;
      try {
        const isMore = await beginNext();
        failures = 0;
        if (!isMore && !nudged) await rest(POLL_MS);
      } catch (error) {
        failures += 1;
        logger.warn({ err: error, channel: channel.name }, 'what is due could not be read or begun, trying again');
        await rest(Math.min(MAX_PAUSE_MS, POLL_MS * 2 ** Math.min(failures, 5)));
      }
    }
  })();

  return {
    nudge() {
      nudged = true;
      wake?.();
    },
    async stop() {
      stopped = true;
      wake?.();
      await running;
      await within(STOP_WITHIN_MS, underWay);
      stopping.abort();
      await within(WRITE_WITHIN_MS, underWay);
    },
  };
}

/** Waits until all have ended, or a time is over. */
async function within(ms: number, underWay: ReadonlySet<Promise<void>>): Promise<void> {
  const over = Promise.withResolvers<void>();
  const timeout = setTimeout(over.resolve, ms);
  await Promise.race([Promise.all(underWay), over.promise]);
  clearTimeout(timeout);
}
