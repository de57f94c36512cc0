// npm run test:security: attacks on the stack that `npm start` runs.
import { spawnSync } from 'node:child_process';

const usage = `usage: npm run test:security [-- --full] [-- FILE ...]

Attacks the whole running stack. --full tries 20,000 random inputs instead of 2,000 and holds 10,000 idle sockets instead of
500, which takes about 15 minutes. TEST_SEED names another seed than the one that is the same in each run; "random" draws one.
What else is given goes to jest: \`tokens\` runs tokens.test.ts alone.`;

const args = process.argv.slice(2);
if (args.includes('--help')) {
  console.log(usage);
  process.exit(0);
}
const { status } = spawnSync(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--no-warnings',
    'node_modules/jest/bin/jest.js',
    '--selectProjects',
    'security',
    '--runInBand',
    ...args.filter((arg) => arg !== '--full'),
  ],
  { stdio: 'inherit', env: { ...process.env, ...(args.includes('--full') && { SECURITY_FULL: '1' }) } },
);
process.exitCode = status ?? 1;
