import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { cacheDir } from '../start/cache.ts';

/** A folder with daprd, scheduler and sentry. */
export type DaprBinaries = {
  dir: string;
  /** Built from this repository, whose sentry and scheduler answer health checks on loopback only. */
  own: boolean;
};

const NAMES = ['daprd', 'scheduler', 'sentry'];

/** The folder of this repository that pins the versions of Dapr and all it is built of. */
export const goModuleDir = (root: string): string => join(root, 'dev', 'dapr');

/** The version of Dapr that the repository builds. */
export const pinnedVersion = (root: string): string => {
  const version = /github\.com\/dapr\/dapr v(\S+)/.exec(readFileSync(join(goModuleDir(root), 'go.mod'), 'utf8'))?.[1];
  if (version === undefined) throw new Error('dev/dapr/go.mod does not require github.com/dapr/dapr');
  return version;
};

/** Name of the cache's folder for a build: another for every change of what it is built of. */
export const buildName = (root: string): string => {
  const hash = createHash('sha256');
  const dir = goModuleDir(root);
  const sources = readdirSync(dir, { recursive: true, encoding: 'utf8' }).filter((file) => /\.go$|^go\./.test(file));
  for (const file of sources.sort()) hash.update(file).update(readFileSync(join(dir, file)));
  return `dapr-${pinnedVersion(root)}-${hash.digest('hex').slice(0, 12)}`;
};

/**
 * Finds ready-made binaries: DAPR_BIN, a folder of PATH, the Dapr CLI's own folder, an earlier build; undefined when
 * they must be built.
 * @throws when DAPR_BIN is set but is not such a folder.
 */
export const findBinaries = (root: string, env: NodeJS.ProcessEnv): DaprBinaries | undefined => {
  const given = env['DAPR_BIN'];
  if (given !== undefined && given !== '') {
    const missing = NAMES.filter((name) => !existsSync(join(given, name)));
    if (missing.length > 0) throw new Error(`DAPR_BIN=${given} has no ${missing.join(', ')}`);
    if (!isNewEnough(given)) throw new Error(`DAPR_BIN=${given} has a daprd that is older than 1.18`);
    return { dir: given, own: false };
  }
  const folders = [...(env['PATH'] ?? '').split(delimiter).filter(Boolean), join(homedir(), '.dapr', 'bin')];
  const dir = folders.find((folder) => NAMES.every((name) => existsSync(join(folder, name))) && isNewEnough(folder));
  if (dir !== undefined) return { dir, own: false };
  const built = join(cacheDir(env), buildName(root));
  return existsSync(built) ? { dir: built, own: true } : undefined;
};

const isNewEnough = (dir: string): boolean =>
  atLeast118(execFileSync(join(dir, 'daprd'), ['--version'], { encoding: 'utf8' }));

/** Whether a version, as daprd prints it, is 1.18 or newer. */
export const atLeast118 = (version: string): boolean => {
  const [, major, minor] = /(\d+)\.(\d+)/.exec(version) ?? [];
  return Number(major) > 1 || (Number(major) === 1 && Number(minor) >= 18);
};
