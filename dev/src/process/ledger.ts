import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { processMark } from './mark.ts';

const entrySchema = z.object({
  name: z.string(),
  pid: z.number().int().positive(),
  mark: z.string(),
  /** Parts with a lower stage are stopped first. */
  stage: z.number(),
  stopSignal: z.enum(['SIGTERM', 'SIGINT']),
});

/** A process that this stack runs, as the next start needs to know it should this one die without stopping it. */
export type LedgerEntry = z.infer<typeof entrySchema>;

/** Who runs: kept on disk, changed with every process that starts or ends. */
export type Ledger = {
  add: (entry: Omit<LedgerEntry, 'mark'>) => void;
  remove: (pid: number) => void;
  /** Deletes the file: nothing runs any more. */
  close: () => void;
};

const path = (dataDir: string): string => join(dataDir, 'processes.json');

/** Opens the data directory's ledger, with this process as its first entry. */
export const openLedger = (dataDir: string): Ledger => {
  const entries = new Map<number, LedgerEntry>();
  const save = (): void => {
    const next = `${path(dataDir)}.next`;
    writeFileSync(next, JSON.stringify([...entries.values()], null, 2), { mode: 0o600 });
    renameSync(next, path(dataDir));
  };
  const add = (entry: Omit<LedgerEntry, 'mark'>): void => {
    const mark = processMark(entry.pid);
    if (mark === undefined) return;
    entries.set(entry.pid, { ...entry, mark });
    save();
  };
  add({ name: SUPERVISOR, pid: process.pid, stage: 0, stopSignal: 'SIGTERM' });
  return {
    add,
    remove: (pid) => {
      if (entries.delete(pid)) save();
    },
    close: () => rmSync(path(dataDir), { force: true }),
  };
};

/** The entry of the process that runs the stack. */
export const SUPERVISOR = 'npm start';

/** What an earlier start left in its ledger and still runs: same pid and same start time. */
export const readLedger = (dataDir: string): LedgerEntry[] => {
  let text: string;
  try {
    text = readFileSync(path(dataDir), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return z
    .array(entrySchema)
    .parse(JSON.parse(text))
    .filter((entry) => processMark(entry.pid) === entry.mark);
};
