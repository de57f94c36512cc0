import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { postgresBinaries, serverUser } from '@todo/service/testing/embedded-postgres';
import pg from 'pg';
import { stages } from '../parts/part.ts';
import type { Part } from '../parts/part.ts';
import { runTool } from '../process/tool.ts';
import { inheritedEnv } from '../start/stack.ts';
import type { Stack } from '../start/stack.ts';

/** Starts PostgreSQL on loopback and returns its URL for the superuser. The cluster is made at the first start. */
export const startPostgres = async (stack: Stack): Promise<string> => {
  const { dataDir, ports, secrets, signal, supervisor } = stack;
  const dir = join(dataDir, 'postgres');
  const { initdb, postgres } = await postgresBinaries();
  const user = serverUser([dir, postgres]);
  const env = { ...inheritedEnv(stack.env), LC_ALL: 'C' };
  if (!existsSync(join(dir, 'PG_VERSION'))) {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const passwordFile = join(dataDir, 'postgres-password');
    writeFileSync(passwordFile, `${secrets.postgresPassword}\n`, { mode: 0o600 });
    for (const path of [dir, passwordFile]) user.own(path);
    const args = ['-D', dir, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${passwordFile}`, '-E', 'UTF8'];
    try {
      await runTool(stack.ledger, supervisor.logFile('postgres-init'), signal, {
        name: 'postgres-init',
        ...user.run(initdb, [...args, '--locale=C.UTF-8', '--lc-messages=C']),
        env,
      });
    } catch (error) {
      // A half-made cluster would be taken for a whole one.
      rmSync(dir, { recursive: true, force: true });
      throw error;
    } finally {
      rmSync(passwordFile, { force: true });
    }
  }
  const url = `postgres://postgres:${secrets.postgresPassword}@127.0.0.1:${ports.postgres}/postgres`;
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    // The default is chatty about every checkpoint.
    log_checkpoints: 'off',
  };
  const part: Part = {
    name: 'postgres',
    ...user.run(postgres, [
      '-D',
      dir,
      '-p',
      `${ports.postgres}`,
      ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`]),
    ]),
    env,
    port: ports.postgres,
    stage: stages.postgres,
    // PostgreSQL's fast shutdown: SIGTERM would wait for clients to leave.
    stopSignal: 'SIGINT',
    isReady: () => answersQueries(url),
    readyWithinMs: 60_000,
    stopWithinMs: 15_000,
  };
  await supervisor.start(part, signal);
  return url;
};

const answersQueries = async (url: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch (error) {
    // Not listening yet, or listening but still starting (57P03); a wrong password, say, does not pass by itself.
    const { code } = error as { code?: string };
    if (code === 'ECONNREFUSED' || code === '57P03' || code === 'ECONNRESET' || code === undefined) return false;
    throw error;
  } finally {
    await client.end().catch(() => undefined);
  }
};
