import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { cp, mkdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { listParts, startPart, stopPart } from '@todo/dev/control/client';
import { eventually } from '../stack/eventually.ts';
import { DATA } from '../stack/paths.ts';

const MIB = Buffer.alloc(1024 * 1024);
/** Room for what the broker writes until it is full. */
const ROOM_MIB = 64;

/**
 * Moves the broker's log to a small disk of its own (tmpfs, which needs root on Linux), and fills that; resolves when the
 * broker has given up, as it does where it cannot write.
 */
export async function fillBrokersDisk(): Promise<{ release: () => Promise<void>; putBack: () => Promise<void> }> {
  const log = resolve(DATA, 'kafka', 'data');
  const kept = `${log}.kept`;
  const filler = join(log, 'filler');
  const usedMib = Number(execFileSync('du', ['-sm', log], { encoding: 'utf8' }).split('\t')[0]);
  await stopPart(DATA, 'kafka');
  await rename(log, kept);
  await mkdir(log);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${usedMib + ROOM_MIB}m`, 'tmpfs', log]);
  // An end in between leaves no disk behind that the next start could not remove.
  const letGo = (): void => void spawnSync('umount', ['--lazy', log]);
  process.once('exit', letGo);
  await cp(kept, log, { recursive: true, preserveTimestamps: true });
  await startPart(DATA, 'kafka');
  try {
    for (;;) appendFileSync(filler, MIB);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
  await eventually(async () => {
    if (await isUp()) throw new Error('the broker does not mind that its disk is full');
  }, 60_000);
  return {
    release: async () => {
      await rm(filler);
      await startPart(DATA, 'kafka');
    },
    putBack: async () => {
      await stopPart(DATA, 'kafka');
      await rm(kept, { recursive: true });
      await cp(log, kept, { recursive: true, preserveTimestamps: true });
      execFileSync('umount', [log]);
      process.off('exit', letGo);
      await rm(log, { recursive: true });
      await rename(kept, log);
      await startPart(DATA, 'kafka');
    },
  };
}

const isUp = async (): Promise<boolean> =>
  (await listParts(DATA)).some(({ name, state }) => name === 'kafka' && state === 'ready');
