import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { listParts } from '@todo/dev/control/client';
import { DATA, leftovers, npmStart, type Run } from './start.ts';

const MINUTES = 60_000;

let run: Run | undefined;
afterEach(async () => {
  // Only where a test failed half-way is there anything to end here.
  run?.npm.kill('SIGTERM');
  await run?.ended;
  for (const { pid } of leftovers()) process.kill(pid, 'SIGKILL');
});

const pidOf = async (name: string): Promise<number> =>
  (await listParts(DATA)).find((part) => part.name === name)?.pid as number;

describe('npm start', () => {
  it(
    'stops everything on SIGTERM and leaves no process behind',
    async () => {
      run = npmStart('--fresh');
      await run.ready();
      expect(leftovers().length).toBeGreaterThan(12);
      run.npm.kill('SIGTERM');
      await run.ended;
      expect(run.output()).toMatch(/Stopped\./);
      expect(leftovers()).toEqual([]);
    },
    3 * MINUTES,
  );

  it.each(['task-service-dapr', 'kafka'])(
    'stops everything and says why when %s crashes',
    async (part) => {
      run = npmStart();
      await run.ready();
      process.kill(await pidOf(part), 'SIGKILL');
      expect(await run.ended).toBe(1);
      expect(run.output()).toMatch(new RegExp(`${part} crashed`));
      expect(leftovers()).toEqual([]);
    },
    3 * MINUTES,
  );

  it(
    'ends what an earlier start left running when that was killed itself',
    async () => {
      run = npmStart();
      await run.ready();
      const orphans = (await listParts(DATA)).length;
      const supervisor = leftovers().find(
        ({ command }) => /dev\/src\/main\.ts/.test(command) && !/npm|sh -c/.test(command),
      );
      process.kill(supervisor?.pid as number, 'SIGKILL');
      await run.ended;
      expect(leftovers().length).toBeGreaterThanOrEqual(orphans - 1);

      run = npmStart();
      await run.ready();
      expect(run.output()).toMatch(/earlier start had left running/);
      run.npm.kill('SIGTERM');
      await run.ended;
      expect(leftovers()).toEqual([]);
    },
    4 * MINUTES,
  );

  it(
    'names a taken port and starts nothing',
    async () => {
      const taken = createServer().listen(4010, '127.0.0.1');
      await once(taken, 'listening');
      try {
        run = npmStart();
        expect(await run.ended).toBe(1);
        expect(run.output()).toMatch(/4010/);
        expect(run.output()).toMatch(/task-service/);
        expect(leftovers()).toEqual([]);
      } finally {
        taken.close();
      }
    },
    MINUTES,
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
