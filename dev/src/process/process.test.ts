import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { stopLeftovers } from './leftovers.ts';
import { parseStat, processMark } from './mark.ts';
import { descendantsIn } from './tree.ts';

let dir = '';
const children: ChildProcess[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'process-'));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(dir, { recursive: true });
});

const sleeper = async (): Promise<{ pid: number; ended: Promise<unknown> }> => {
  const child = spawn('sleep', ['60']);
  children.push(child);
  await once(child, 'spawn');
  return { pid: child.pid ?? 0, ended: once(child, 'exit') };
};

const leave = (entries: { name: string; pid: number; mark: string | undefined }[]): void =>
  writeFileSync(
    join(dir, 'processes.json'),
    JSON.stringify(entries.map((entry) => ({ ...entry, stage: 1, stopSignal: 'SIGTERM' }))),
  );

describe('leftovers', () => {
  test('what an earlier start left is stopped', async () => {
    const { pid, ended } = await sleeper();
    leave([{ name: 'kafka', pid, mark: processMark(pid) }]);
    expect(await stopLeftovers(dir)).toEqual(['kafka']);
    await ended;
  });

  test('another process that got the same pid since then is left alone', async () => {
    const { pid } = await sleeper();
    leave([{ name: 'kafka', pid, mark: 'an earlier start' }]);
    expect(await stopLeftovers(dir)).toEqual([]);
    expect(processMark(pid)).toBeDefined();
  });

  test('a stack that still runs is not stopped', async () => {
    leave([{ name: 'npm start', pid: process.pid, mark: processMark(process.pid) }]);
    await expect(stopLeftovers(dir)).rejects.toThrow(`runs already as process ${process.pid}`);
  });

  test('there is nothing to stop before the first start', async () => {
    expect(await stopLeftovers(dir)).toEqual([]);
  });
});

describe('a process', () => {
  test('is known by its start, whatever its name', () => {
    const fields = `S 7 ${Array.from({ length: 17 }, () => '0').join(' ')} 4711 0`;
    expect(parseStat(`12 (a) b (c) ${fields}`)).toEqual({ state: 'S', parent: 7, startTicks: '4711' });
  });

  test('has no mark when it is gone', async () => {
    const { pid, ended } = await sleeper();
    process.kill(pid, 'SIGKILL');
    await ended;
    expect(processMark(pid)).toBeUndefined();
  });

  test('knows all that descends from it', () => {
    expect(descendantsIn('  1 0\n 10 1\n 11 10\n 12 11\n 20 1\n', 10)).toEqual([11, 12]);
  });
});

test('this test reads what the ledger writes', async () => {
  const { openLedger } = await import('./ledger.ts');
  const ledger = openLedger(dir);
  const { pid } = await sleeper();
  ledger.add({ name: 'kafka', pid, stage: 6, stopSignal: 'SIGTERM' });
  const names = (): string[] =>
    (JSON.parse(readFileSync(join(dir, 'processes.json'), 'utf8')) as { name: string }[]).map(({ name }) => name);
  expect(names()).toEqual(['npm start', 'kafka']);
  ledger.remove(pid);
  expect(names()).toEqual(['npm start']);
});
