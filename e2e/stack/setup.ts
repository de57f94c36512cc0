import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { DATA, READY_FILE } from './paths.ts';

declare global {
  var stack: ChildProcess | undefined;
}

/** Starts what `npm start` starts, on a data folder of its own that begins empty; resolves when it says it is ready. */
export default async function setup(): Promise<void> {
  rmSync(READY_FILE, { force: true });
  const child = spawn('node', ['dev/src/main.ts', '--fresh', '--data', DATA], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, IDENTITY_RATE_LIMIT: 'off' },
  });
  globalThis.stack = child;
  showProgress(child.stdout as Readable);
  // However the tests end, no process is left behind.
  process.once('exit', () => child.kill('SIGTERM'));
  await new Promise<void>((resolve, reject) => {
    const poll = setInterval(() => existsSync(READY_FILE) && settle(resolve), 100);
    const onExit = (code: number | null): void => settle(() => reject(new Error(`the stack did not start (${code})`)));
    const settle = (then: () => void): void => {
      clearInterval(poll);
      child.off('exit', onExit);
      then();
    };
    child.once('exit', onExit);
  });
}

/** Prints what the stack prints, but for the ready screen: its token and password have no place in a log. */
function showProgress(output: Readable): void {
  let shown = true;
  createInterface(output).on('line', (line) => {
    if (shown) console.log(line);
    if (line.includes('Ready in')) shown = false;
    if (line.includes('Ctrl-C stops')) shown = true;
  });
}
