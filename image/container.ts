import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ImageConfig } from './buildah.ts';

/** A container that runs, or has run. */
export type Container = {
  process: ChildProcess;
  /** What it has printed so far. */
  printed: () => string;
  /** Runs a command in it, as its user. @throws where it ends with another code than 0 */
  exec: (command: string[]) => Promise<string>;
  signal: (name: 'SIGTERM' | 'SIGKILL') => Promise<void>;
  /** Its exit code, once it has ended. */
  ended: Promise<number>;
};

const RUNTIME = ['--root', join(tmpdir(), `runc-${process.pid}`)];
const runc = async (...args: string[]): Promise<string> =>
  (await promisify(execFile)('runc', [...RUNTIME, ...args])).stdout;

const list = (...options: string[]) => ['nosuid', 'noexec', 'nodev', ...options];
/** What a cluster's `restricted` pods may do: nothing beyond their user's, on a root that is read-only. */
const spec = (rootfs: string, { User, Entrypoint, Cmd, Env, WorkingDir }: ImageConfig, run: Run) => {
  const [uid, gid] = User.split(':').map(Number);
  return {
    ociVersion: '1.0.2',
    process: {
      user: { uid, gid },
      args: [...Entrypoint, ...(run.args ?? Cmd)],
      env: [...Env, ...Object.entries(run.env).map(([name, value]) => `${name}=${value}`)],
      cwd: WorkingDir,
      noNewPrivileges: true,
    },
    root: { path: rootfs, readonly: true },
    mounts: [
      { destination: '/proc', type: 'proc', source: 'proc' },
      { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755'] },
      { destination: '/sys', type: 'none', source: '/sys', options: list('rbind', 'ro') },
    ],
    // The network is the machine's, so that a test reaches it.
    linux: { namespaces: ['pid', 'ipc', 'uts', 'mount'].map((type) => ({ type })) },
  };
};

type Run = { args?: string[]; env: Record<string, string> };

/** Runs an image's files as an engine would, with the network of this machine. */
export function runContainer(rootfs: string, config: ImageConfig, run: Run): Container {
  const bundle = mkdtempSync(join(tmpdir(), 'bundle-'));
  const id = `todo-${randomUUID()}`;
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(spec(rootfs, config, run)));
  const child = spawn('runc', [...RUNTIME, 'run', '--bundle', bundle, id], { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += chunk));
  const ended = once(child, 'close').then(([code]) => {
    rmSync(bundle, { recursive: true });
    return code as number;
  });
  return {
    process: child,
    printed: () => printed,
    exec: (command) => runc('exec', id, ...command),
    signal: async (name) => void (await runc('kill', id, name)),
    ended,
  };
}
