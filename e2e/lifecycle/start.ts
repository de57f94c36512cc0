import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { listParts } from '@todo/dev/control/client';

/** The data folder of these tests' stacks. */
const DATA = resolve('.data/lifecycle');

/** One run of `npm start`: what it printed so far, and how it ended. */
export type Run = {
  npm: ChildProcess;
  output(): string;
  /** Resolves when the stack says that it is ready. @throws where the run ends before */
  ready(): Promise<void>;
  /** Resolves with the exit code once the run is over. */
  ended: Promise<number | null>;
};

/** Runs `npm start` as a person would, on a data folder of its own. */
export function npmStart(...options: string[]): Run {
  const file = resolve(DATA, 'ready.json');
  rmSync(file, { force: true });
  const npm = spawn('npm', ['start', '--', '--data', DATA, ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // A process group of its own, as a shell gives it: Ctrl-C goes to all of the group.
    detached: true,
  });
  let text = '';
  let over = false;
  npm.stdout.on('data', (chunk) => (text += chunk));
  npm.stderr.on('data', (chunk) => (text += chunk));
  const ended = once(npm, 'close').then(([code]) => {
    over = true;
    return code as number | null;
  });
  return {
    npm,
    ended,
    output: () => text,
    async ready() {
      while (!existsSync(file)) {
        if (over) throw new Error(`npm start ended early:\n${text}`);
        await new Promise((wake) => setTimeout(wake, 100));
      }
    },
  };
}

/** The process that `npm start` runs: the parent of a part. */
export async function supervisorPid(): Promise<number> {
  const sentry = await pidOf('sentry');
  return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${sentry}/status`, 'utf8'))?.[1]);
}

/** @throws where there is no such part, or it does not run */
export async function pidOf(name: string): Promise<number> {
  const pid = (await listParts(DATA)).find((part) => part.name === name)?.pid;
  if (pid == null) throw new Error(`${name} does not run`);
  return pid;
}

/** Those of the processes that still run, with their command lines. One that waits for its parent to reap it does not. */
export function alive(pids: number[]): { pid: number; command: string }[] {
  return pids.flatMap((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const zombie = /^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return zombie ? [] : [{ pid, command }];
    } catch {
      return [];
    }
  });
}
