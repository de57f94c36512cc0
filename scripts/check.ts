// npm run check: every gate that needs no running stack. Prints a line for each, and what is wrong below it.
import { spawn } from 'node:child_process';
import { alertProblems } from './lib/alerts.ts';
import { appDrift } from './lib/apps.ts';
import { featureDrift } from './lib/features.ts';
import { domainWords, wrongImports } from './lib/imports.ts';
import { secretsInHistory } from './lib/secrets.ts';

type Check = { name: string; remedy?: string; run: () => Promise<string[]> };

const usage = `usage: npm run check [-- NAME ...]

Runs all checks, or the named ones.`;

/** Runs a program of node_modules/.bin; what it printed, in lines, where it failed. */
function program(command: string, ...args: string[]): () => Promise<string[]> {
  return () =>
    new Promise((resolve, reject) => {
      const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      child.stdout.on('data', (chunk) => (output += chunk));
      child.stderr.on('data', (chunk) => (output += chunk));
      child.on('error', reject);
      child.on('close', (code) => resolve(code === 0 ? [] : output.trimEnd().split('\n')));
    });
}

const checks: Check[] = [
  { name: 'types', run: program('tsc', '--noEmit') },
  { name: 'types-web', run: program('tsc', '--noEmit', '-p', 'web') },
  { name: 'lint', run: program('oxlint', '--deny-warnings') },
  { name: 'format', remedy: 'npm run format', run: program('prettier', '--check', '--log-level', 'warn', '.') },
  { name: 'unused', run: program('knip') },
  { name: 'imports', run: async () => wrongImports() },
  { name: 'gateway-is-generic', run: async () => domainWords() },
  { name: 'apps', run: async () => appDrift() },
  { name: 'alerts', run: async () => alertProblems() },
  { name: 'features', run: async () => featureDrift() },
  { name: 'secrets', run: async () => secretsInHistory().problems },
  { name: 'licences', remedy: 'npm run licences', run: program('node', 'scripts/licences.ts', '--check') },
  { name: 'supergraph', remedy: 'npm run compose', run: program('node', 'scripts/compose.ts', '--check') },
  { name: 'codegen', remedy: 'npm run codegen', run: program('graphql-codegen', '--config', 'codegen.ts', '--check') },
  { name: 'resources', remedy: 'npm run resources', run: program('node', 'scripts/resources.ts', '--check') },
  {
    name: 'config-schema',
    remedy: 'npm run config-schema',
    run: program('node', 'scripts/config-schema.ts', '--check'),
  },
  { name: 'metrics', remedy: 'npm run metrics', run: program('node', 'scripts/metrics.ts', '--check') },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !checks.some((check) => check.name === name));
if (unknown.length > 0) {
  console.log(`${usage}\n\nChecks: ${checks.map((check) => check.name).join(', ')}`);
  process.exit(wanted.includes('--help') ? 0 : 2);
}

let passed = 0;
let failed = 0;
for (const check of checks.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const start = performance.now();
  const problems = await check.run();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${check.name} (${seconds} s)`);
  if (problems.length === 0) passed += 1;
  else {
    failed += 1;
    for (const line of problems) console.log(`     ${line}`);
    if (check.remedy) console.log(`     remedy: ${check.remedy}`);
  }
}
console.log(`${passed} checks passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
