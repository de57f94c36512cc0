import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { readReady } from '@todo/dev/start/ready';

/**
 * Starts what `npm start` starts, on a data folder that begins empty unless other `options` say so; resolves when it says
 * it is ready. Users may sign up as often as they like.
 * @throws where it ends before it is ready
 */
export async function startStack(
  data: string,
  env: Record<string, string> = {},
  options: string[] = ['--fresh'],
): Promise<ChildProcess> {
  rmSync(join(data, 'ready.json'), { force: true });
  const child = spawn('node', ['dev/src/main.ts', ...options, '--data', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, IDENTITY_RATE_LIMIT: 'off', ...env },
  });
  showProgress(child.stdout as Readable);
  // However the caller ends, no process is left behind.
  process.once('exit', () => child.kill('SIGTERM'));
  await new Promise<void>((resolve, reject) => {
    const poll = setInterval(() => readReady(data) && settle(resolve), 100);
    const onExit = (code: number | null): void => settle(() => reject(new Error(`the stack did not start (${code})`)));
    const settle = (then: () => void): void => {
      clearInterval(poll);
      child.off('exit', onExit);
      then();
    };
    child.once('exit', onExit);
  });
  return child;
}

/** Stops a stack and waits until all of it is gone. */
export async function stopStack(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
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
