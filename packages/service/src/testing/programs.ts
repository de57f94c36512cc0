import { execFileSync } from 'node:child_process';

/**
 * Sees to it that a program is there, which Debian has as a package of the same name unless one is given: installs it
 * where root may.
 * @throws where it is not there and cannot be installed, with what to install
 */
export function ensureInstalled(program: string, debian = program): void {
  if (pathOf(program) !== undefined) return;
  if (process.getuid?.() !== 0 || pathOf('apt-get') === undefined)
    throw new Error(`${program} is not installed: install it (Debian: apt-get install ${debian})`);
  // Another run may be installing at the same time.
  const options = ['-o', 'DPkg::Lock::Timeout=120'];
  execFileSync('apt-get', [...options, 'update'], { stdio: 'ignore' });
  execFileSync('apt-get', [...options, 'install', '-y', '--no-install-recommends', debian], {
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

/** Where a program is; undefined where there is none of that name on PATH. */
export function pathOf(program: string): string | undefined {
  try {
    return execFileSync('which', [program], { stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  } catch {
    return undefined; // it is not there
  }
}
