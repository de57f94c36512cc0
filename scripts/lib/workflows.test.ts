import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { workflows } from './workflows.ts';

const scripts = Object.keys((JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: object }).scripts);

describe.each(workflows().map((workflow) => [workflow.file, workflow] as const))('%s', (file, workflow) => {
  const jobs = Object.entries(workflow.jobs);
  const steps = jobs.flatMap(([, job]) => job.steps);
  const text = readFileSync(`.github/workflows/${file}`, 'utf8');

  it('says of every action which commit, and which version that is', () => {
    for (const [, uses = ''] of text.matchAll(/uses: (.*)/g))
      expect(uses).toMatch(/^(\.\/\.github\/.*|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/);
  });

  it('may only read unless a job says otherwise, and runs in a group', () => {
    expect([{}, { contents: 'read' }]).toContainEqual(workflow.permissions);
    expect(workflow.concurrency).toMatchObject({ group: expect.any(String) });
  });

  it.each(jobs)('%s ends in time and leaves no credentials in the work tree', (_, job) => {
    expect(job['timeout-minutes']).toBeGreaterThan(0);
    for (const step of job.steps.filter(({ uses }) => uses?.startsWith('actions/checkout@')))
      expect(step.with).toMatchObject({ 'persist-credentials': false });
  });

  it('puts nothing of an event into a script but by the environment', () => {
    for (const { run } of steps) expect(run ?? '').not.toMatch(/\$\{\{/);
  });

  it('runs scripts that there are', () => {
    const named = steps.flatMap(({ run }) => [...(run ?? '').matchAll(/npm run (?:-s )?([\w:]+)/g)]);
    for (const [, name] of named) expect(scripts).toContain(name);
  });
});
