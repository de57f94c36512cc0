import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Buildah } from './buildah.ts';

/** The images that the Dockerfile builds with and runs on. */
export type Bases = { build: string; run: string };

const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';

/** The shared libraries of a program, and its loader. */
const libraries = (program: string): string[] =>
  execFileSync('ldd', [program], { encoding: 'utf8' }).match(/\/\S+/g) ?? [];

const copy = (from: string, to: string): void => {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(realpathSync(from), to, { recursive: true, dereference: true });
};

/** Puts a program at a path of a root, with the libraries that it needs. */
const putProgram = (program: string, root: string, path: string): void => {
  copy(program, join(root, path));
  for (const library of libraries(program)) copy(library, join(root, library));
};

/**
 * Bases from what this machine has, for where no registry is reachable: Node alone to run on, as in the real one, and
 * Node, npm, a shell and `find` to build with.
 */
export function localBases(buildah: Buildah): Bases {
  const root = mkdtempSync(join(tmpdir(), 'image-bases-'));
  try {
    const [build, run] = [join(root, 'build'), join(root, 'run')];
    putProgram(process.execPath, run, '/nodejs/bin/node');
    putProgram(process.execPath, build, '/usr/bin/node');
    for (const name of ['sh', 'env', 'find'])
      putProgram(execFileSync('which', [name], { encoding: 'utf8' }).trim(), build, `/usr/bin/${name}`);
    // Native packages are linked with a part of the C library that Node is not.
    const library = libraries(process.execPath).find((path) => path.includes('/libc.so')) as string;
    copy(join(dirname(library), 'librt.so.1'), join(build, dirname(library), 'librt.so.1'));
    symlinkSync('usr/bin', join(build, 'bin'));
    const npm = process.env['npm_execpath'] ?? execFileSync('which', ['npm'], { encoding: 'utf8' }).trim();
    copy(resolve(realpathSync(npm), '../..'), join(build, 'usr/lib/npm'));
    symlinkSync('../lib/npm/bin/npm-cli.js', join(build, 'usr/bin/npm'));
    copy(CERTIFICATES, join(build, CERTIFICATES));
    for (const folder of ['tmp', 'root']) mkdirSync(join(build, folder));
    mkdirSync(join(run, 'tmp'));
    return {
      build: buildah.imageOf('base-build', build, { env: ['PATH=/usr/bin', `NODE_EXTRA_CA_CERTS=${CERTIFICATES}`] }),
      run: buildah.imageOf('base-run', run, { entrypoint: ['/nodejs/bin/node'] }),
    };
  } finally {
    rmSync(root, { recursive: true });
  }
}
