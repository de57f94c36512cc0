import { join } from 'node:path';
import type { Ledger } from '../process/ledger.ts';
import { lastLines } from './log.ts';
import type { Part } from './part.ts';
import type { RunningPart } from './run.ts';
import { exitText, runningPart } from './run.ts';

/** All parts of the stack. */
export type Supervisor = {
  /** Adds a part that is started by hand. */
  add: (part: Part) => RunningPart;
  /** Adds a part, starts it and resolves when it is ready. @throws when it does not get ready. */
  start: (part: Part, signal: AbortSignal) => Promise<void>;
  parts: () => RunningPart[];
  /** @throws with the names that exist when there is no such part. */
  part: (name: string) => RunningPart;
  logFile: (name: string) => string;
  /** Stops all, stage by stage; the names of those that had to be killed. No part starts afterwards. */
  stop: () => Promise<string[]>;
  /** Kills all at once. No part starts afterwards. */
  kill: () => Promise<void>;
};

/**
 * Keeps the parts of a stack, whose logs go to `<dataDir>/log`. `onCrash` gets a text for people when a part ends
 * that nobody stopped.
 */
export const createSupervisor = (ledger: Ledger, dataDir: string, onCrash: (text: string) => void): Supervisor => {
  const parts = new Map<string, RunningPart>();
  let closed = false;
  const logFile = (name: string): string => join(dataDir, 'log', `${name}.log`);

  const add = (part: Part): RunningPart => {
    const running = runningPart(ledger, logFile(part.name), part, (exit) => {
      const log = logFile(part.name);
      if (!closed) onCrash(`${part.name} crashed: ${exitText(exit)}. The end of ${log}:\n${lastLines(log)}`);
    });
    parts.set(part.name, running);
    return running;
  };

  const start = async (part: Part, signal: AbortSignal): Promise<void> => {
    if (closed) throw new Error('the stack is stopping');
    await add(part).start(signal);
  };

  const find = (name: string): RunningPart => {
    const found = parts.get(name);
    if (found === undefined) throw new Error(`no part is called ${name}; there are ${[...parts.keys()].join(', ')}`);
    return found;
  };

  const stop = async (): Promise<string[]> => {
    closed = true;
    const forced: string[] = [];
    const all = [...parts.values()];
    const order = [...new Set(all.map(({ part }) => part.stage))].sort((a, b) => a - b);
    for (const stage of order) {
      const stopping = all.filter(({ part }) => part.stage === stage);
      await Promise.all(
        stopping.map(async (each) => {
          if ((await each.stop()).forced) forced.push(each.part.name);
        }),
      );
    }
    return forced;
  };

  const kill = async (): Promise<void> => {
    closed = true;
    await Promise.all([...parts.values()].map((each) => each.kill()));
  };

  return { add, start, parts: () => [...parts.values()], part: find, logFile, stop, kill };
};
