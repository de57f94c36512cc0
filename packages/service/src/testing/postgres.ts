import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { postgresBinaries, serverUser } from './embedded-postgres.ts';
import { freePort } from './free-port.ts';

/** A PostgreSQL of the test's own, on loopback and a free port, empty. */
export type TestPostgres = {
  /** Of the database `postgres`, for the superuser. */
  url: string;
  /** Ends it, and deletes what it held. */
  stop: () => Promise<void>;
};

const READY_WITHIN_MS = 60_000;

/**
 * Starts one; it takes some seconds.
 * @param more settings of the server beside those that tests need
 * @throws with its log where it does not come up
 */
export async function startPostgres(more: Record<string, string> = {}): Promise<TestPostgres> {
  const { initdb, postgres } = await postgresBinaries();
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  chmodSync(folder, 0o711);
  const data = join(folder, 'data');
  mkdirSync(data, { mode: 0o700 });
  const passwordFile = join(folder, 'password');
  const password = crypto.randomUUID();
  writeFileSync(passwordFile, password, { mode: 0o600 });
  const user = serverUser([data, initdb]);
  for (const path of [data, passwordFile]) user.own(path);
  const env = { ...process.env, LC_ALL: 'C' };

  const access = ['-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`];
  const locale = ['-E', 'UTF8', '--locale=C.UTF-8', '--lc-messages=C'];
  const init = user.run(initdb, ['-D', data, '--no-sync', ...access, ...locale]);
  await promisify(execFile)(init.command, init.args, { env, ...init.user });

  const port = await freePort();
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off', ...more };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = user.run(postgres, ['-D', data, '-p', `${port}`, ...options]);
  const child = spawn(server.command, server.args, { env, ...server.user, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr?.on('data', (chunk) => (log += chunk));
  const exited = once(child, 'exit');
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  const stop = async (): Promise<void> => {
    // Fast shutdown: SIGTERM would wait for clients to leave.
    child.kill('SIGINT');
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  for (const deadline = Date.now() + READY_WITHIN_MS; !(await answers(url));) {
    if (child.exitCode === null && Date.now() < deadline) continue;
    await stop();
    throw new Error(`PostgreSQL did not start:\n${log}`);
  }
  return { url, stop };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    return true;
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 50)); // it is still starting
    return false;
  } finally {
    await client.end().catch(() => undefined); // it was not connected
  }
}
