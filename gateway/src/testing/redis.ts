import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';

/** A Redis of the test's own, on loopback, that keeps nothing. */
export type TestRedis = {
  url: string;
  /** SIGKILL ends it at once, SIGSTOP has it hang, SIGCONT go on. */
  signal: (signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT') => void;
  /** Starts it again after it was killed. */
  start: () => Promise<void>;
  stop: () => Promise<void>;
};

export async function startRedis(): Promise<TestRedis> {
  install();
  const port = await freePort();
  let redis: ChildProcess;
  const start = async (): Promise<void> => {
    redis = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']);
    for await (const line of redis.stdout ?? []) if (String(line).includes('Ready to accept connections')) return;
    throw new Error('redis-server ended before it was ready');
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    signal: (signal) => void redis.kill(signal),
    start,
    stop: async () => {
      if (redis.exitCode !== null || redis.signalCode !== null) return;
      redis.kill('SIGCONT');
      redis.kill('SIGKILL');
      await once(redis, 'exit');
    },
  };
}

function install(): void {
  if (has('redis-server')) return;
  if (process.getuid?.() !== 0 || !has('apt-get'))
    throw new Error('redis-server is not installed: install it (Debian: apt-get install redis-server)');
  execFileSync('apt-get', ['update'], { stdio: 'ignore' });
  execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server'], {
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}

function has(command: string): boolean {
  try {
    execFileSync('which', [command], { stdio: 'ignore' });
    return true;
  } catch {
    return false; // it is not there
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
