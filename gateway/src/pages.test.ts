import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { startTestGateway, type TestGateway } from './testing/gateway.ts';

let directory: string;
let stage: TestGateway;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'pages-'));
  await mkdir(join(directory, 'pages', 'shop', 'assets'), { recursive: true });
  await mkdir(join(directory, 'pages', 'plain'));
  await writeFile(join(directory, 'secret.txt'), 'secret');
  await writeFile(join(directory, 'pages', 'shop', 'index.html'), '<title>Shop</title>');
  await writeFile(join(directory, 'pages', 'shop', 'assets', 'main-abc.js'), 'run()');
  await writeFile(join(directory, 'pages', 'shop', 'assets', 'main-abc.js.gz'), gzipSync('run()'));
  await symlink('/etc', join(directory, 'pages', 'shop', 'etc'));
  await writeFile(join(directory, 'pages', 'plain', 'index.html'), '<title>Plain</title>');
  stage = await startTestGateway({
    NODE_ENV: 'development',
    PAGES_DIR: join(directory, 'pages'),
    PAGES_WITH_INLINE_STYLES: 'plain',
  });
});
afterAll(async () => {
  await stage?.stop();
  await rm(directory, { recursive: true });
});

const get = (path: string, headers = {}) => fetch(`${stage.gateway.url}${path}`, { headers, redirect: 'manual' });

test('a page is served at its name, and for the places within it', async () => {
  const answer = await get('/shop');
  expect([answer.status, answer.headers.get('location')]).toEqual([308, '/shop/']);
  for (const path of ['/shop/', '/shop/orders/17']) {
    const page = await get(path);
    expect([page.status, await page.text()]).toEqual([200, '<title>Shop</title>']);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.headers.get('cache-control')).toBe('public, max-age=0');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
  }
});

test('files with their hash in their names stay for ever, and go out compressed', async () => {
  const script = await get('/shop/assets/main-abc.js', { 'accept-encoding': 'gzip' });
  expect(await script.text()).toBe('run()');
  expect([script.headers.get('content-encoding'), script.headers.get('cache-control')]).toEqual([
    'gzip',
    'public, max-age=31536000, immutable',
  ]);
});

const policy = async (path: string) => (await get(path)).headers.get('content-security-policy') ?? '';

test('pages may run their own scripts, and speak to the gateway and the issuer of tokens only', async () => {
  const { host } = new URL(stage.gateway.url);
  const strict = await policy('/shop/');
  expect(strict).toContain("default-src 'none'");
  expect(strict).toContain("script-src 'self';");
  expect(strict).toContain("style-src 'self';");
  expect(strict).toContain(`connect-src 'self' ws://${host} wss://${host}`);
  expect(await policy('/plain/')).toContain("style-src 'self' 'unsafe-inline';");
});

test.each([
  '/shop/../../secret.txt',
  '/shop/..%2f..%2fsecret.txt',
  '/shop/%2e%2e/%2e%2e/secret.txt',
  '/shop/..\\..\\secret.txt',
  '/shop//etc/passwd',
  '/shop/assets/none.js',
  '/shop/etc/host.conf',
  '/secret.txt',
])('nothing but the files of the pages is there: %s', async (path) => {
  // fetch would take the dots out itself.
  const { hostname, port, host } = new URL(stage.gateway.url);
  const socket = connect(Number(port), hostname);
  socket.write(`GET ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
  let answer = '';
  for await (const chunk of socket) answer += String(chunk);
  expect(answer).not.toContain('secret\n');
  expect(answer).not.toMatch(/root:|\r\n\r\nsecret/);
  expect(answer).toMatch(/^HTTP\/1\.1 (?:40[0-4]|200 OK[^]*<title>Shop<\/title>)/);
});

test('the landing page leads to the pages, and anybody is told who issues tokens', async () => {
  expect(await (await get('/')).text()).toContain('<a href="/shop/">shop</a>');
  const metadata = await (await get('/.well-known/oauth-protected-resource')).json();
  expect(metadata).toMatchObject({ resource: stage.gateway.url, authorization_servers: [expect.any(String)] });
});
