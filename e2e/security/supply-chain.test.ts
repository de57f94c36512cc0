import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import { parse } from 'yaml';
import { licencesOf, unknownLicences } from '../../scripts/lib/licences.ts';
import { secretsInHistory } from '../../scripts/lib/secrets.ts';
import { attack } from './tools/attack.ts';

type Step = { run?: string; uses?: string; with?: Record<string, unknown> };
type Workflow = { on: Record<string, unknown>; jobs: Record<string, { steps: Step[] }> };
const workflow = (name: string): Workflow => parse(readFileSync(`.github/workflows/${name}.yml`, 'utf8')) as Workflow;
const stepsOf = ({ jobs }: Workflow): Step[] => Object.values(jobs).flatMap(({ steps }) => steps);

attack('a dependency with a known vulnerability: `npm audit` in each pull request, and every night', async () => {
  for (const name of ['pr-validation', 'build-and-test'])
    expect(stepsOf(workflow(name)).map(({ run }) => run)).toContain('npm audit --omit=dev --audit-level=high');
  expect(workflow('build-and-test').on).toHaveProperty('schedule');
  return { cameBack: 'a failed check', inputs: 2 };
});

attack('a dependency under a licence that nobody has looked at', async () => {
  const licences = licencesOf();
  expect(unknownLicences(licences)).toEqual([]);
  return { cameBack: 'all are known, and listed in docs/licences.md', inputs: [...licences.values()].flat().length };
});

attack('a secret in the history', async () => {
  // Each pull request is checked with all of it.
  const { steps = [] } = workflow('pr-validation').jobs['check'] ?? {};
  expect(steps.find(({ uses }) => uses?.startsWith('actions/checkout'))?.with).toMatchObject({ 'fetch-depth': 0 });
  const { problems, commits, lines } = secretsInHistory();
  expect(problems).toEqual([]);
  return { cameBack: `none in ${commits} commits`, inputs: lines };
});

attack('a package from elsewhere, or one whose content was exchanged', async () => {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { resolved?: string; link?: boolean; integrity?: string }>;
  };
  const installed = Object.entries(packages).filter(([path, { link }]) => path.includes('node_modules/') && !link);
  for (const [path, { resolved, integrity }] of installed)
    expect([path, resolved, integrity]).toEqual([path, undefined, expect.stringMatching(/^sha512-/)]);
  return { cameBack: 'each has its digest', inputs: installed.length };
});
