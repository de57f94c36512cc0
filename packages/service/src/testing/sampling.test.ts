import { readFileSync, globSync } from 'node:fs';
import { afterEach, expect, jest, test } from '@jest/globals';

const given = { ...process.env };
afterEach(() => void (process.env = { ...given }));
const read = async (environment: Record<string, string>) => {
  delete process.env['TEST_SEED'];
  delete process.env['TEST_RUNS'];
  Object.assign(process.env, environment);
  jest.resetModules();
  return import('./sampling.ts');
};

test('the seed is the same in each run unless one is named', async () => {
  const { sampling, timeLimit } = await read({});
  expect((await read({})).sampling(7)).toEqual(sampling(7));
  expect(timeLimit(100)).toBe(100);
  expect((await read({ TEST_SEED: '-5' })).sampling(7)).toEqual({ seed: -5, numRuns: 7 });
});

test('more runs may take longer, fewer not less long', async () => {
  const more = await read({ TEST_RUNS: '10' });
  expect([more.sampling(7).numRuns, more.timeLimit(100)]).toEqual([70, 1000]);
  const fewer = await read({ TEST_RUNS: '0.1' });
  expect([fewer.sampling(7).numRuns, fewer.timeLimit(100)]).toEqual([1, 100]);
});

test.each<Record<string, string>>([{ TEST_SEED: 'random' }, { TEST_SEED: '1.5' }, { TEST_RUNS: '0' }])(
  '%j is refused',
  async (wrong) => {
    await expect(read(wrong)).rejects.toThrow(/must be a number/);
  },
);

test('every test that looks for counterexamples takes its seed from here', () => {
  const files = globSync('{gateway,subgraphs,packages,dev,e2e,scripts,helm,observability}/**/*.test.ts', {
    exclude: ['**/node_modules/**'],
  });
  const looking = files
    .map((file) => [file, readFileSync(file, 'utf8')] as const)
    .filter(([, text]) => /\bfc\.(assert|check)\(/.test(text));
  expect(looking.length).toBeGreaterThan(4);
  for (const [file, text] of looking)
    expect([file, text.match(/\bfc\.(assert|check)\(/g)?.length]).toEqual([file, text.match(/\bsampling\(/g)?.length]);
});
