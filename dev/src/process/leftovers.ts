import { setTimeout as delay } from 'node:timers/promises';
import { processMark } from './mark.ts';
import { readLedger, SUPERVISOR } from './ledger.ts';
import type { LedgerEntry } from './ledger.ts';
import { descendants, send } from './tree.ts';

const GRACE_MS = 10_000;

/**
 * Stops what a supervisor that was killed left behind, in the usual order, and returns the names.
 * @throws when that supervisor still runs: two stacks cannot share a data directory.
 */
export const stopLeftovers = async (dataDir: string): Promise<string[]> => {
  const entries = readLedger(dataDir);
  const supervisor = entries.find((entry) => entry.name === SUPERVISOR);
  if (supervisor !== undefined) {
    throw new Error(`${dataDir} is in use: the stack runs already as process ${supervisor.pid}; stop that one first`);
  }
  const stages = [...new Set(entries.map((entry) => entry.stage))].sort((a, b) => a - b);
  for (const stage of stages) await Promise.all(entries.filter((entry) => entry.stage === stage).map(stopLeftover));
  return entries.map((entry) => entry.name);
};

const runs = ({ pid, mark }: { pid: number; mark: string | undefined }): boolean =>
  mark !== undefined && processMark(pid) === mark;

/** Stops one process that may not be a child of ours, and everything below it. */
const stopLeftover = async (entry: LedgerEntry): Promise<void> => {
  const below = descendants(entry.pid).map((pid) => ({ pid, mark: processMark(pid) }));
  send(entry.pid, entry.stopSignal);
  send(entry.pid, 'SIGCONT');
  const deadline = Date.now() + GRACE_MS;
  while (runs(entry) && Date.now() < deadline) await delay(50);
  for (const each of [entry, ...below].filter(runs)) send(each.pid, 'SIGKILL');
  while ([entry, ...below].some(runs)) await delay(20);
};
