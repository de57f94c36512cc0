import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What an image says of itself: the part of Docker's format that is looked at here. */
export type ImageConfig = {
  User: string;
  Entrypoint: string[];
  Cmd: string[];
  Env: string[];
  WorkingDir: string;
  Labels: Record<string, string>;
  Healthcheck?: { Test: string[] };
};

/** Images and containers in a store of their own, which `remove` deletes. */
export type Buildah = ReturnType<typeof openBuildah>;

/** Opens an empty store. It needs root, and no daemon and no registry. */
export function openBuildah() {
  const store = mkdtempSync(join(tmpdir(), 'image-store-'));
  const storage = ['--root', join(store, 'root'), '--runroot', join(store, 'run')];
  // A build needs no namespaces of its own here: what it makes is then run in some.
  const env = { ...process.env, BUILDAH_ISOLATION: 'chroot', BUILDAH_FORMAT: 'docker' };
  const run = (...args: string[]): string =>
    execFileSync('buildah', [...storage, ...args], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

  return {
    /** An image with the files of a folder. @returns its name */
    imageOf(name: string, folder: string, config: { env?: string[]; entrypoint?: string[] }): string {
      const container = run('from', 'scratch');
      run('copy', '--quiet', container, folder, '/');
      if (config.entrypoint) run('config', '--entrypoint', JSON.stringify(config.entrypoint), container);
      for (const variable of config.env ?? []) run('config', '--env', variable, container);
      run('commit', '--quiet', container, `localhost/${name}`);
      run('rm', container);
      return `localhost/${name}`;
    },

    /** Builds a Dockerfile, from this folder. @returns the image's name. @throws with what the build printed */
    async build(name: string, file: string, args: Record<string, string>, pull: boolean): Promise<string> {
      const given = Object.entries(args).flatMap(([key, value]) => ['--build-arg', `${key}=${value}`]);
      const image = `localhost/${name}`;
      const command = ['bud', pull ? '--pull' : '--pull-never', ...given, '--file', file, '--tag', image, '.'];
      await promisify(execFile)('buildah', [...storage, ...command], { env, maxBuffer: 64 * 1024 * 1024 });
      return image;
    },

    config: (image: string): ImageConfig => JSON.parse(run('inspect', '--type', 'image', image)).Docker.config,

    /** Mounts an image's files. @returns the folder; it is there until `remove` */
    mount(image: string): string {
      return run('mount', run('from', '--pull-never', image));
    },

    remove(): void {
      run('umount', '--all');
      run('rm', '--all');
      rmSync(store, { recursive: true, force: true });
    },
  };
}
