import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, test } from '@jest/globals';
import { scriptOf } from './lib/workflows.ts';

// Steps that need no hosted runner, run as a runner does: what the YAML says, by bash.
const folder = mkdtempSync(join(tmpdir(), 'steps-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(file: string, job: string, name: string, env: Record<string, string> = {}): Promise<string> {
  const script = join(folder, 'step.sh');
  writeFileSync(script, scriptOf(file, job, name));
  const options = {
    env: { ...process.env, RUNNER_TEMP: folder, GITHUB_OUTPUT: join(folder, 'output'), ...env },
    maxBuffer: 64 * 1024 * 1024,
  };
  const { stdout } = await promisify(execFile)('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], options);
  return stdout;
}
const HEAD = execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' }).trim();

describe('pr-validation', () => {
  test('the schema is compared with the commit that the event names', async () => {
    const output = await run('pr-validation.yml', 'schema', 'Compare the schema', { BASE: HEAD, ACCEPT: '' });
    expect(output).toContain(`since ${HEAD}: 0 breaking changes, 0 dangerous ones`);
    const nowhere = run('pr-validation.yml', 'schema', 'Compare the schema', { BASE: '0'.repeat(40), ACCEPT: '' });
    await expect(nowhere).rejects.toThrow(/has no schema\/supergraph.graphql/);
  });

  // All of it is what `npm test` does as well: it is run here only when asked for.
  const whole = process.env['WORKFLOW_STEPS'] === 'all' ? test : test.skip;
  whole.each([
    ['check', 'Check', / 0 failed/],
    ['unit', 'Unit tests', /Statements\s+: /],
    ['charts', 'Test charts', /.*/],
    ['workflows', 'Lint workflows', /find nothing/],
  ])(
    '%s: %s',
    async (job, step, output) => {
      expect(await run('pr-validation.yml', job, step)).toMatch(output);
    },
    900_000,
  );
});

const list = async (since: string) => {
  await run('build-and-test.yml', 'images', 'List images', { SINCE: since });
  const line = readFileSync(join(folder, 'output'), 'utf8').trim().split('\n').at(-1) ?? '';
  return JSON.parse(line.replace(/^images=/, '')) as { image: string; changed: boolean }[];
};

describe('build-and-test', () => {
  test('the matrix has every image, and builds none where nothing changed', async () => {
    const matrix = await list(HEAD);
    expect(matrix).toHaveLength(6);
    expect(matrix.filter(({ changed }) => changed)).toEqual([]);
  });

  test('it builds all where nobody knows what changed', async () => {
    expect((await list('0'.repeat(40))).every(({ changed }) => changed)).toBe(true);
  });
});

/** Over a gateway that runs already: E2E_URL, with E2E_TOKEN or E2E_IDENTITY_URL, says where. */
const deployed = process.env['E2E_URL'] ? test : test.skip;
deployed('deploy-production: the smoke tests, over the public port', async () => {
  await run('deploy-production.yml', 'deploy', 'Smoke tests');
});
