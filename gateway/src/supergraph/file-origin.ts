import { unwatchFile, watchFile } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Origin } from './origin.ts';

const WATCH_INTERVAL_MS = 1000;

/** A file. */
export function fileOrigin(file: string): Origin {
  return {
    name: file,
    read: () => readFile(file, 'utf8'),
    watch: (check) => {
      // Polls the file itself: events of its directory miss the way Kubernetes swaps mounted files.
      watchFile(file, { interval: WATCH_INTERVAL_MS, persistent: false }, check);
      return () => unwatchFile(file, check);
    },
    mayRecover: false,
  };
}
