import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';

/** The data folder of these tests' stacks. */
export const DATA = resolve('.data/lifecycle');

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
  const npm = spawn('npm', ['start', '--', '--data', DATA, ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
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

/** The processes that name the data folder, on their command line or in their environment: all that belong to a run. */
export function leftovers(): { pid: number; command: string }[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid)
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
        const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
        return command !== '' && `${command}${environment}`.includes(DATA) ? [{ pid, command }] : [];
      } catch {
        return [];
      }
    });
}
