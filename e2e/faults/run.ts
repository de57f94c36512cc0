import { setTimeout as delay } from 'node:timers/promises';
import { startPart } from '@todo/dev/control/client';
import { eventually } from '../stack/eventually.ts';
import { DATA } from '../stack/paths.ts';
import type { Fault } from './faults.ts';
import { haveReplicas, memoryOfParts, type Platform, running } from './platform.ts';
import { isInStores, wrongInStores } from './stores.ts';
import type { Heard } from './subscribers.ts';
import type { Summary } from './tally.ts';
import { compareMemory, type MemoryChange, wrongWithRequests, wrongWithSubscribers } from './verdict.ts';
import { openSubscriptions, type Size, startWorld, type World } from './world.ts';

/** Load before a fault, and after its recovery. */
const CALM_MS = 3000;
const RECOVER_WITHIN_MS = 120_000;
const SETTLE_WITHIN_MS = 120_000;

/** What became of a fault. */
export type Report = {
  fault: string;
  seconds: number;
  requests: Summary;
  /** From the begin of mending until a new change was answered, and was with its subscribers, in feed and analytics. */
  recoverySeconds: number | undefined;
  heard: Heard;
  /** Events that the broker has twice, under one id. */
  repeats: number;
  memory: MemoryChange;
  /** What should not be; none where all went well. */
  problems: string[];
};

/** Has a fault happen in the middle of a load, and sees that nothing was lost. `say` hears how it goes. */
export async function runFault(
  fault: Fault,
  platform: Platform,
  size: Size,
  say: (line: string) => void,
): Promise<{ report: Report; world: World }> {
  const begin = performance.now();
  await haveReplicas(platform, fault.replicas ?? 1);
  const parts = await running();
  const memory = await memoryOfParts();
  const othersSubscriptions = await openSubscriptions();
  const world = await startWorld(size, platform.rotation, fault.deadlineMs);
  say(`${size.subscribers} subscriptions are open, ${size.users} users change tasks and ask`);
  const problems: string[] = [];
  /** Goes on with what can be seen after a failure. */
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      problems.push(`${what}: ${(error as Error).message}`);
      return undefined;
    }
  };
  await delay(CALM_MS);
  say(`now: ${fault.name}`);
  const { mend, check, end } = (await attempt('the fault', () => fault.harm(platform))) ?? {};
  await delay(fault.holdMs);
  const mended = performance.now();
  await attempt('mending', async () => mend?.());
  problems.push(...(await restartCrashed(parts)));
  const recoverySeconds = await attempt('no recovery', async () => {
    await recovered(world);
    return (performance.now() - mended) / 1000;
  });
  if (recoverySeconds !== undefined) say(`recovered after ${recoverySeconds.toFixed(1)} s`);
  await delay(CALM_MS);
  const unanswered = await world.load.stop(RECOVER_WITHIN_MS);
  if (unanswered > 0) problems.push(`${unanswered} mutations were never answered`);
  say('the load has ended; looking for what is missing, or there twice');
  await attempt('in the end', () =>
    eventually(async () => {
      const wrong = await wrongInStores(world);
      const { missed } = world.subscribers.heard();
      if (missed > 0) wrong.push(`${missed} events did not come to subscribers`);
      const open = (await openSubscriptions()) - othersSubscriptions;
      if (open !== size.subscribers) wrong.push(`${open} of ${size.subscribers} subscriptions are open`);
      if (wrong.length > 0) throw new Error(wrong.join('; '));
    }, SETTLE_WITHIN_MS),
  );
  problems.push(...((await check?.()) ?? []));
  const heard = world.subscribers.heard();
  const requests = world.tally.summary();
  problems.push(...wrongWithRequests(fault, requests), ...wrongWithSubscribers(fault, heard));
  await world.subscribers.stop();
  await attempt('putting back', async () => end?.());
  problems.push(...(await restartCrashed(parts)));
  const report: Report = {
    fault: fault.name,
    seconds: (performance.now() - begin) / 1000,
    requests,
    recoverySeconds,
    heard,
    repeats: world.repeats,
    memory: compareMemory(memory, await memoryOfParts()),
    problems,
  };
  return { report, world };
}

/** Starts what no longer runs of these parts. @returns a line for each: nobody has stopped it */
async function restartCrashed(parts: string[]): Promise<string[]> {
  const still = await running();
  const crashed = parts.filter((part) => !still.includes(part));
  await Promise.all(crashed.map((part) => startPart(DATA, part)));
  return crashed.map((part) => `${part} has crashed`);
}

/** Resolves once a change that is made from now on is everywhere. */
async function recovered(world: World): Promise<void> {
  const late = AbortSignal.timeout(RECOVER_WITHIN_MS);
  const change = await Promise.race([
    world.load.nextChange(),
    new Promise<never>((_, reject) => {
      late.addEventListener('abort', () => reject(new Error('no mutation was answered')), { once: true });
    }),
  ]);
  await eventually(async () => {
    if (world.subscribers.lacks(change)) throw new Error('an event is not with its subscribers');
    if (!(await isInStores(change))) throw new Error('a change is not in feed and analytics');
  }, RECOVER_WITHIN_MS);
}
