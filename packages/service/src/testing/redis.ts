import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from './free-port.ts';
import { ensureInstalled } from './programs.ts';

/** A Redis of the test's own, on loopback, that keeps nothing. */
export type TestRedis = {
  url: string;
  /** SIGSTOP has it hang, SIGCONT go on. */
  signal: (signal: 'SIGSTOP' | 'SIGCONT') => void;
  /** Ends it at once (SIGKILL), with what it held; resolves when it is gone. */
  kill: () => Promise<void>;
  /** Starts it again after it was killed, on the same port. */
  start: () => Promise<void>;
  stop: () => Promise<void>;
};

/** Starts one on a free port. Installs redis-server where root may (Debian), and says elsewhere what to install. */
export async function startRedis(): Promise<TestRedis> {
  ensureInstalled('redis-server');
  const port = await freePort();
  let redis: ChildProcess;
  const start = async (): Promise<void> => {
    redis = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']);
    let output = '';
    for await (const chunk of redis.stdout ?? []) {
      output += String(chunk);
      if (output.includes('Ready to accept connections')) return;
    }
    throw new Error(`redis-server ended before it was ready:\n${output}`);
  };
  const kill = async (): Promise<void> => {
    if (redis.exitCode !== null || redis.signalCode !== null) return;
    const gone = once(redis, 'exit');
    redis.kill('SIGKILL'); // ends stopped ones, too
    await gone;
  };
  await start();
  return { url: `redis://127.0.0.1:${port}`, signal: (signal) => void redis.kill(signal), kill, start, stop: kill };
}
