import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { stages } from '../parts/part.ts';
import { lastLines } from '../parts/log.ts';
import type { Ledger } from './ledger.ts';
import { sendToTree } from './tree.ts';

export type Tool = {
  name: string;
  command: string;
  args: string[];
  cwd?: string;
  env: NodeJS.ProcessEnv;
  user?: { uid: number; gid: number } | undefined;
  /** Gets each line of output as it comes. */
  onLine?: (line: string) => void;
};

/**
 * Runs a program to its end, with its output in a log file; aborting the signal kills it with all it started.
 * @returns its standard output
 * @throws with the end of its log when it fails, and the signal's reason when aborted.
 */
export const runTool = async (ledger: Ledger, logFile: string, signal: AbortSignal, tool: Tool): Promise<string> => {
  signal.throwIfAborted();
  const log = createWriteStream(logFile, { mode: 0o600 });
  const child = spawn(tool.command, tool.args, {
    cwd: tool.cwd,
    env: tool.env,
    uid: tool.user?.uid,
    gid: tool.user?.gid,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid !== undefined) ledger.add({ name: tool.name, pid, stage: stages.tool, stopSignal: 'SIGTERM' });
  const stop = (): void => {
    if (pid !== undefined && child.exitCode === null) sendToTree(pid, 'SIGKILL');
  };
  signal.addEventListener('abort', stop, { once: true });
  const output: string[] = [];
  createInterface(child.stdout).on('line', (line) => output.push(line));
  for (const stream of [child.stdout, child.stderr]) {
    stream.pipe(log, { end: false });
    createInterface(stream).on('line', (line) => tool.onLine?.(line));
  }
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', (error) => reject(new Error(`cannot run ${tool.command}: ${error.message}`)));
      child.once('close', resolve);
    });
    await new Promise<void>((resolve) => log.end(resolve));
    signal.throwIfAborted();
    if (code !== 0) throw new Error(`${tool.name} failed; the end of ${logFile}:\n${lastLines(logFile)}`);
    return output.join('\n');
  } finally {
    log.destroy();
    signal.removeEventListener('abort', stop);
    if (pid !== undefined) ledger.remove(pid);
  }
};
