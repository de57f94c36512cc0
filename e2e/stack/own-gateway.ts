import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ownAuth } from '@todo/dev/identity/part';
import { app, ready } from './ready.ts';

/** A gateway of a test's own, beside the first replica's sidecar. */
export type OwnGateway = {
  graphql: string;
  /** Its log so far. */
  log: any[];
  stop(): Promise<void>;
};

/** Starts a gateway with settings of its own, over the stack's supergraph or what `edit` makes of it. It gets no events. */
export async function startOwnGateway(
  settings: Record<string, string>,
  edit: (supergraphSdl: string) => string = (sdl) => sdl,
): Promise<OwnGateway> {
  const directory = await mkdtemp(join(tmpdir(), 'own-gateway-'));
  const supergraph = join(directory, 'supergraph.graphql');
  await writeFile(supergraph, edit(await readFile('schema/supergraph.graphql', 'utf8')));
  const auth = ownAuth(Number(new URL(ready().urls.identity).port));
  const sidecar = app('api-gateway');
  const child = spawn('node', ['gateway/src/main.ts'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      SUPERGRAPH: supergraph,
      PORT: '0',
      INTERNAL_PORT: '0',
      AUTH_ISSUER: auth.issuer,
      AUTH_JWKS_URL: auth.jwksUrl,
      AUTH_AUDIENCE: auth.audience,
      DAPR_HTTP_ENDPOINT: `http://127.0.0.1:${sidecar.daprHttpPort}`,
      DAPR_API_TOKEN: sidecar.daprApiToken,
      APP_API_TOKEN: sidecar.appApiToken,
      TOPIC_PARTITIONS: '1',
      ...settings,
    },
  });
  // However the tests end, no process is left behind.
  process.once('exit', () => child.kill());
  const log: any[] = [];
  const started = Promise.withResolvers<string>();
  createInterface(child.stdout).on('line', (line) => {
    const entry = JSON.parse(line) as { msg: string; url: string };
    log.push(entry);
    if (entry.msg === 'gateway started') started.resolve(entry.url);
  });
  const ended = once(child, 'exit');
  void ended.then(([code]) => started.reject(new Error(`the gateway ended with ${String(code)}`)));
  return {
    graphql: `${await started.promise}/graphql`,
    log,
    stop: async () => {
      child.kill();
      await ended;
      await rm(directory, { recursive: true });
    },
  };
}
