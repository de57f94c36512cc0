import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { shellAssignments } from './infraEnv.ts';

test('a shell reads back every value as it was', () => {
  const value = `it's "quoted" $HOME\n\\ and \`more\``;
  const script = `${shellAssignments({ VALUE: value })}\nprintf %s "$VALUE"`;
  expect(execFileSync('sh', ['-c', script], { encoding: 'utf8' })).toBe(value);
});
