import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { loadSecrets } from './secrets.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'secrets-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

test('secrets survive a restart, differ from one another, and are for their owner only', () => {
  const first = loadSecrets(dir, ['one', 'two']);
  expect(loadSecrets(dir, ['one', 'two'])).toEqual(first);
  const tokens = Object.values(first.apps).flatMap((app) => [app.daprApiToken, app.appApiToken]);
  expect(new Set([...tokens, ...Object.values(first.databases)]).size).toBe(4 + 5);
  expect(statSync(join(dir, 'secrets.json')).mode & 0o777).toBe(0o600);
});

test('web push has a key pair, also where the data folder is from before it', () => {
  const { vapid, ...before } = loadSecrets(dir, ['one']);
  expect([vapid?.publicKey, vapid?.privateKey].map((key) => Buffer.from(key ?? '', 'base64url').length)).toEqual([
    65, 32,
  ]);
  writeFileSync(join(dir, 'secrets.json'), JSON.stringify(before));
  const after = loadSecrets(dir, ['one']);
  expect(after.vapid?.publicKey).toBeDefined();
  expect(loadSecrets(dir, ['one']).vapid).toEqual(after.vapid);
});

test('a new app gets tokens without a change for the others', () => {
  const { apps } = loadSecrets(dir, ['one']);
  const more = loadSecrets(dir, ['one', 'two']).apps;
  expect(more['one']).toEqual(apps['one']);
  expect(more['two']?.appApiToken).toBeTruthy();
});

test('a broken file is not taken for none', () => {
  writeFileSync(join(dir, 'secrets.json'), '{');
  expect(() => loadSecrets(dir, [])).toThrow('start with --fresh');
});
