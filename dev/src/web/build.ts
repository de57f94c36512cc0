import { createHash } from 'node:crypto';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from '../process/tool.ts';
import { inheritedEnv } from '../start/stack.ts';
import type { Stack } from '../start/stack.ts';

const INPUTS = ['web/{app,graphiql,public,src}/**/*.*', 'web/*.{ts,json}', 'package-lock.json', 'tsconfig.json'];

/** Where the browser pages are once they are built. */
export const pagesDir = (root: string): string => join(root, 'web', 'dist');

/** Builds the browser pages, unless what they are made of is as it was the last time. */
export const buildPages = async (
  stack: Pick<Stack, 'root' | 'env' | 'ledger' | 'signal' | 'supervisor'>,
): Promise<void> => {
  const mark = join(pagesDir(stack.root), '.built-from');
  const digest = digestOf(stack.root);
  if (globSync(mark).some((file) => readFileSync(file, 'utf8') === digest)) return;
  await runTool(stack.ledger, stack.supervisor.logFile('web-build'), stack.signal, {
    name: 'web-build',
    command: process.execPath,
    args: [join(stack.root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'warn'],
    cwd: join(stack.root, 'web'),
    env: inheritedEnv(stack.env),
  });
  writeFileSync(mark, digest);
};

const digestOf = (root: string): string => {
  const hash = createHash('sha256');
  for (const file of globSync(INPUTS, { cwd: root }).toSorted()) {
    hash.update(file).update('\0');
    hash.update(readFileSync(join(root, file))).update('\0');
  }
  return hash.digest('hex');
};
