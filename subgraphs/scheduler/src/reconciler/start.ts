import { randomUUID } from 'node:crypto';
import type { Stop } from '@todo/service/shutdown';
import type { AppContext } from '../context.ts';
import { metrics } from '../metrics.ts';
import { holdLease, releaseLease } from './lease.ts';
import { lastStep, nextWalk, type Progress, readProgress, STEPS_PER_HOUR, writeProgress } from './progress.ts';
import { repairStep, type Repairs } from './repair.ts';

export type Reconciler = {
  /** Compares the jobs with the reminders, unless a run is under way, here or in another replica. @throws where it fails */
  run(): Promise<void>;
  stop: Stop;
};

/** How many steps pass before the progress is written and the lease held on to. */
const STEPS_AT_ONCE = 64;

/**
 * Walks the hours of reminders to come and puts Dapr's jobs right: at once, and whenever `run` is called. A run looks at
 * `maxJobs` jobs or a little more; the next goes on where it ended.
 */
export function startReconciler(context: AppContext, { maxJobs }: { maxJobs: number }): Reconciler {
  const { documents, logger } = context;
  const holder = randomUUID();
  let running: Promise<void> | undefined;
  let stopped = false;

  async function walk(): Promise<'whole' | 'part'> {
    const startedAt = Date.now();
    const last = lastStep(startedAt);
    const found: Repairs = { checked: 0, missing: 0, stale: 0, orphaned: 0 };
    let progress = await readProgress(documents, startedAt);
    while (progress.next <= last && !stopped && found.checked < maxJobs && (await holdLease(documents, holder))) {
      progress = await someSteps(progress, last, found);
      await writeProgress(documents, progress);
    }
    metrics.checked.inc(found.checked);
    const whole = progress.next > last;
    if (whole) await writeProgress(documents, nextWalk(progress, startedAt));
    const repaired = found.missing + found.stale + found.orphaned;
    logger[repaired > 0 ? 'warn' : 'debug']({ ...found, whole, ms: Date.now() - startedAt }, 'jobs were compared');
    return whole ? 'whole' : 'part';
  }

  async function someSteps(progress: Progress, last: number, found: Repairs): Promise<Progress> {
    let { next, overdue } = progress;
    for (const end = next + STEPS_AT_ONCE; next < end && next <= last && found.checked < maxJobs; next += 1)
      if (await repairStep(context, next, found)) overdue ??= Math.floor(next / STEPS_PER_HOUR);
    return { ...progress, next, overdue };
  }

  async function once(): Promise<void> {
    if (!(await holdLease(documents, holder))) {
      metrics.runs.inc({ outcome: 'skipped' });
      return;
    }
    try {
      metrics.runs.inc({ outcome: await walk() });
    } catch (error) {
      metrics.runs.inc({ outcome: 'failed' });
      throw error;
    } finally {
      await releaseLease(documents, holder);
    }
  }

  const run = (): Promise<void> => {
    if (stopped) return Promise.resolve();
    running ??= once().finally(() => (running = undefined));
    return running;
  };
  run().catch((error: unknown) => logger.error({ err: error }, 'jobs could not be compared at the start'));
  return {
    run,
    async stop() {
      stopped = true;
      await running?.catch(() => {}); // told where it was started
    },
  };
}
