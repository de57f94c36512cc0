import type { Exit, Launched } from '../process/launch.ts';
import { killTree, launch } from '../process/launch.ts';
import { send, sendToTree } from '../process/tree.ts';
import type { Ledger } from '../process/ledger.ts';
import { lastLines } from './log.ts';
import type { Part, PartState, PartStatus } from './part.ts';
import { takenPorts, takenPortsText } from '../start/ports.ts';
import { until } from './wait.ts';

/** A part of the stack while the stack runs, whether the part itself runs or not. */
export type RunningPart = {
  part: Part;
  status: () => PartStatus;
  /** Starts it unless it runs, and resolves when it is ready. @throws when it ends or takes too long instead. */
  start: (signal: AbortSignal) => Promise<void>;
  /** Stops it gracefully, or by force after its time; returns whether force was needed. */
  stop: () => Promise<{ forced: boolean }>;
  /** Ends it at once, with everything below it. */
  kill: () => Promise<void>;
  /** Freezes it: it keeps its connections but answers nothing. @throws when it is not ready. */
  pause: () => void;
  /** @throws when it is not paused. */
  resume: () => void;
};

/** Readies a part for running; `onCrash` hears of an end that nobody asked for. */
export const runningPart = (
  ledger: Ledger,
  logFile: string,
  part: Part,
  onCrash: (exit: Exit) => void,
): RunningPart => {
  let state: PartState = 'stopped';
  let current: Launched | undefined;
  let launching: Promise<Launched> | undefined;
  let starts = 0;

  const watch = async (launched: Launched, failed: AbortController): Promise<void> => {
    const exit = await launched.exited;
    // What it left of its own, such as PostgreSQL's backends, must not hold its port or files.
    send(-launched.pid, 'SIGKILL');
    failed.abort(new Error(`${part.name} ended with ${exitText(exit)}:\n${lastLines(logFile)}`));
    const expected = state === 'stopping';
    state = 'stopped';
    current = undefined;
    if (!expected) onCrash(exit);
  };

  const launchFree = async (signal: AbortSignal): Promise<Launched> => {
    const taken = await takenPorts(part.listens ?? []);
    if (taken.length > 0) throw new Error(takenPortsText(taken));
    signal.throwIfAborted();
    return launch(ledger, { file: logFile, append: starts > 0 }, part);
  };

  const start = async (signal: AbortSignal): Promise<void> => {
    if (state === 'ready') return;
    if (state !== 'stopped') throw new Error(`${part.name} is ${state}`);
    state = 'starting';
    const ended = new AbortController();
    try {
      launching = launchFree(signal);
      current = await launching;
      starts += 1;
      void watch(current, ended);
    } catch (error) {
      state = 'stopped';
      throw error;
    } finally {
      launching = undefined;
    }
    const late = AbortSignal.timeout(part.readyWithinMs);
    await until(part.isReady, AbortSignal.any([signal, ended.signal, late])).catch((error: unknown) => {
      if (!late.aborted) throw error;
      const seconds = part.readyWithinMs / 1000;
      throw new Error(`${part.name} was not ready within ${seconds} s; the end of its log:\n${lastLines(logFile)}`);
    });
    if (state === 'starting') state = 'ready';
  };

  /** The process, also in the moment when it is being created; whoever created it reports a failure. */
  const process = async (): Promise<Launched | undefined> => current ?? launching?.catch(() => undefined);

  const stop = async (): Promise<{ forced: boolean }> => {
    const stopping = await process();
    if (stopping === undefined) return { forced: false };
    const wasPaused = state === 'paused';
    state = 'stopping';
    send(stopping.pid, part.stopSignal);
    if (wasPaused) sendToTree(stopping.pid, 'SIGCONT');
    const timer = Promise.withResolvers<'late'>();
    const timeout = setTimeout(() => timer.resolve('late'), part.stopWithinMs);
    const outcome = await Promise.race([stopping.exited, timer.promise]);
    clearTimeout(timeout);
    if (outcome !== 'late') return { forced: false };
    await killTree(stopping);
    return { forced: true };
  };

  const kill = async (): Promise<void> => {
    const killing = await process();
    if (killing === undefined) return;
    state = 'stopping';
    await killTree(killing);
  };

  const switchTo = (from: PartState, to: PartState, signal: NodeJS.Signals): void => {
    if (current === undefined || state !== from) throw new Error(`${part.name} is ${state}, not ${from}`);
    sendToTree(current.pid, signal);
    state = to;
  };

  return {
    part,
    status: () => ({ name: part.name, state, pid: current?.pid ?? null, port: part.port }),
    start,
    stop,
    kill,
    pause: () => switchTo('ready', 'paused', 'SIGSTOP'),
    resume: () => switchTo('paused', 'ready', 'SIGCONT'),
  };
};

/** Words for how a process ended. */
export const exitText = ({ code, signal }: Exit): string =>
  signal === null ? `exit code ${code}` : `signal ${signal}`;
