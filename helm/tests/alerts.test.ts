import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from '@jest/globals';
import { ensureInstalled } from '@todo/service/testing/programs';
import { ALERT_TESTS, RULES } from '../../scripts/lib/alerts.ts';

beforeAll(() => ensureInstalled('promtool', 'prometheus'), 180_000);

const promtool = async (...args: string[]): Promise<string> => {
  const { stdout } = await promisify(execFile)('promtool', args);
  return stdout;
};

test('Prometheus takes the rules', async () => {
  expect(await promtool('check', 'rules', '--lint=all', '--lint-fatal', RULES)).toMatch(/SUCCESS: \d+ rules found/);
});

test.each(readdirSync(ALERT_TESTS))('%s: the alert fires when it should, and rests when it should', async (file) => {
  await expect(promtool('test', 'rules', join(ALERT_TESTS, file))).resolves.toContain('SUCCESS');
});
