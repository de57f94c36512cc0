import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { descendants } from '../stack/listeners.ts';
import { alive, npmStart, pidOf, type Run, supervisorPid } from './start.ts';

const MINUTE = 60_000;

let run: Run | undefined;
/** Every process of the stacks that a test started. */
let started: number[] = [];

afterEach(async () => {
  // Only where a test failed half-way is there anything left to end.
  run?.npm.kill('SIGTERM');
  await run?.ended;
  for (const { pid } of alive(started)) process.kill(pid, 'SIGKILL');
  started = [];
});

/** Starts a stack and resolves once it is ready, with all its processes in `started`. */
async function startReady(...options: string[]): Promise<Run> {
  run = npmStart(...options);
  await run.ready();
  const processes = [...descendants(run.npm.pid as number)];
  started.push(...processes);
  // Were they not found, that none is left would prove nothing: 5 apps, 5 sidecars, 5 others, npm and the supervisor.
  expect(processes.length).toBeGreaterThanOrEqual(17);
  return run;
}

describe('npm start', () => {
  it.each([
    ['kill -TERM', 'SIGTERM', (npm: number) => npm],
    ['Ctrl-C, which the whole process group gets', 'SIGINT', (npm: number) => -npm],
  ] as const)(
    'stops everything on %s and leaves no process behind',
    async (_, signal, target) => {
      const { npm, ended, output } = await startReady('--fresh');
      process.kill(target(npm.pid as number), signal);
      await ended;
      expect(output()).toMatch(/Stopped\./);
      expect(alive(started)).toEqual([]);
    },
    3 * MINUTE,
  );

  it.each(['task-service-dapr', 'kafka'])(
    'stops everything and says why when %s crashes',
    async (part) => {
      const { ended, output } = await startReady();
      process.kill(await pidOf(part), 'SIGKILL');
      expect(await ended).toBe(1);
      expect(output()).toMatch(new RegExp(`${part} crashed`));
      expect(alive(started)).toEqual([]);
    },
    3 * MINUTE,
  );

  it(
    'ends what an earlier start left running when that was killed itself',
    async () => {
      const first = await startReady();
      process.kill(await supervisorPid(), 'SIGKILL');
      await first.ended;
      const orphans = alive(started);
      expect(orphans.length).toBeGreaterThanOrEqual(15);

      const second = await startReady();
      expect(second.output()).toMatch(/earlier start had left running/);
      expect(alive(orphans.map(({ pid }) => pid))).toEqual([]);
    },
    4 * MINUTE,
  );

  it(
    'names a taken port and starts nothing',
    async () => {
      const taken = createServer().listen(4010, '127.0.0.1');
      await once(taken, 'listening');
      try {
        run = npmStart();
        expect(await run.ended).toBe(1);
        expect(run.output()).toMatch(/4010.*task-service|task-service.*4010/);
      } finally {
        taken.close();
      }
    },
    MINUTE,
  );

  it('explains itself', async () => {
    const help = npmStart('--help');
    expect(await help.ended).toBe(0);
    expect(help.output()).toMatch(/--fresh/);
    const wrong = npmStart('--frech');
    expect(await wrong.ended).toBe(2);
    expect(wrong.output()).toMatch(/--frech/);
  });
});
