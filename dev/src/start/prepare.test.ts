import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { readPorts } from './ports.ts';
import { prepareDataDir, wantedPorts } from './prepare.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'prepare-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('fresh empties a data directory of a stack', () => {
  prepareDataDir(dir, false, {});
  writeFileSync(join(dir, 'secrets.json'), '{}');
  prepareDataDir(dir, true, {});
  expect(existsSync(join(dir, 'secrets.json'))).toBe(false);
  expect(existsSync(join(dir, 'log'))).toBe(true);
});

test('fresh does not delete what is no data directory', () => {
  mkdirSync(join(dir, 'photos'));
  expect(() => prepareDataDir(dir, true, {})).toThrow('is not a data directory');
  expect(existsSync(join(dir, 'photos'))).toBe(true);
});

test('ports of parts that come from elsewhere are not wanted', () => {
  const env = { DATABASE_URL: 'postgres://db', KAFKA_BROKERS: 'kafka:9092' };
  const uses = wantedPorts(readPorts({}), [], env).map(({ use }) => use);
  expect(uses).toContain('sentry');
  expect(uses).toContain('identity');
  expect(uses.join()).not.toMatch(/Kafka|PostgreSQL/);
});
