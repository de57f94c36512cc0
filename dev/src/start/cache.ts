import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { processMark } from '../process/mark.ts';

/** The user's cache folder of this project. */
export const cacheDir = (env: NodeJS.ProcessEnv): string =>
  join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'todo-federation');

/**
 * A folder of the cache, filled by `fill` when it is not there yet. It appears complete or not at all: it is filled
 * under another name, and where two processes do so at once, the first to finish wins.
 */
export const cached = async (
  env: NodeJS.ProcessEnv,
  name: string,
  fill: (dir: string) => Promise<void>,
): Promise<string> => {
  const cache = cacheDir(env);
  const target = join(cache, name);
  if (existsSync(target)) return target;
  mkdirSync(cache, { recursive: true });
  removeAbandoned(cache);
  const dir = mkdtempSync(join(cache, `.filling-${process.pid}-`));
  try {
    await fill(dir);
    renameSync(dir, target);
  } catch (error) {
    const beaten = ['ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '');
    if (!beaten) throw error;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  return target;
};

/** Removes what processes left that died while filling. */
const removeAbandoned = (cache: string): void => {
  for (const entry of readdirSync(cache)) {
    const pid = /^\.filling-(\d+)-/.exec(entry)?.[1];
    if (pid !== undefined && processMark(Number(pid)) === undefined) {
      rmSync(join(cache, entry), { recursive: true, force: true });
    }
  }
};
