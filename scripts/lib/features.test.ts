import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { featureDrift } from './features.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'features-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const drift = (text: string): string[] => {
  const file = join(directory, 'features.md');
  writeFileSync(file, text);
  return featureDrift(file).map((problem) => problem.slice(file.length + 2));
};
const table = (...rows: string[]): string =>
  ['| feature | settings | Other | shown by |', '| --- | --- | --- | --- |', ...rows].join('\n');

test('what names only what is there passes', () => {
  const rows = [
    '| a | `MAX_DEPTH`, `PORT` | [yes][page] | `limits.test.ts`, `auth/auth.test.ts` |',
    '| b |  | not documented | `e2e/resume.test.ts`, `npm run soak` |',
  ];
  expect(drift(`${table(...rows)}\n\nMore: CURSOR_TOO_OLD.\n\n[page]: https://example.com/page\n`)).toEqual([]);
});

test.each([
  ['a test that is not there', '| a |  |  | `none.test.ts` |', 'there is no test none.test.ts'],
  ['a test in another place', '| a |  |  | `limits/limits.test.ts` |', 'there is no test limits/limits.test.ts'],
  [
    'a setting that is not there',
    '| a | `MAX_NOTHING` |  | `limits.test.ts` |',
    '"a": there is no setting MAX_NOTHING',
  ],
  ['a row without a test', '| a | `PORT` |  |  |', '"a" names no test'],
  ['a row that lacks a cell', '| a | `PORT` | `limits.test.ts` |', '"a" has 3 cells instead of 4'],
  ['a link that is not defined', '| a |  | [yes][page] | `limits.test.ts` |', 'the link [page] is not defined'],
])('%s is told', (_what, row, problem) => {
  expect(drift(table(row))).toContain(problem);
});

test('a link that is not used is told', () => {
  expect(drift('[page]: https://example.com/page\n')).toEqual(['the link [page] is not used']);
});
