import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Ledger } from './ledger.ts';
import { sendToTree } from './tree.ts';

export type Launch = {
  name: string;
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd?: string;
  /** Drops root's rights, for PostgreSQL. */
  user?: { uid: number; gid: number } | undefined;
  stage: number;
  stopSignal: 'SIGTERM' | 'SIGINT';
};

export type Exit = { code: number | null; signal: NodeJS.Signals | null };

export type Launched = {
  pid: number;
  exited: Promise<Exit>;
  /** True once it has ended. */
  ended: () => boolean;
};

/**
 * Starts a process in a group of its own, so that a terminal's Ctrl-C reaches only the supervisor, with its output
 * going straight to a file: it neither waits for nor dies with the supervisor.
 * @throws when the command cannot be run at all.
 */
export const launch = async (
  ledger: Ledger,
  log: { file: string; append: boolean },
  what: Launch,
): Promise<Launched> => {
  const output = openSync(log.file, log.append ? 'a' : 'w', 0o600);
  try {
    const child = spawn(what.command, what.args, {
      cwd: what.cwd,
      env: what.env,
      uid: what.user?.uid,
      gid: what.user?.gid,
      detached: true,
      stdio: ['ignore', output, output],
    });
    const pid = child.pid;
    if (pid !== undefined) ledger.add({ name: what.name, pid, stage: what.stage, stopSignal: what.stopSignal });
    let ended = false;
    const exited = new Promise<Exit>((resolve) => {
      child.once('exit', (code, signal) => {
        ended = true;
        if (pid !== undefined) ledger.remove(pid);
        resolve({ code, signal });
      });
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', (error) => reject(new Error(`cannot run ${what.command}: ${error.message}`)));
    });
    if (pid === undefined) throw new Error(`cannot run ${what.command}`);
    return { pid, exited, ended: () => ended };
  } finally {
    closeSync(output);
  }
};

/** Kills a launched process and everything below it, and waits for its end. */
export const killTree = async (launched: Launched): Promise<void> => {
  if (!launched.ended()) sendToTree(launched.pid, 'SIGKILL');
  await launched.exited;
};
