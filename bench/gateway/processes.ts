import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';

const TICKS_PER_SECOND = 100;

/** Starts a program on one CPU, where the machine lets it (`taskset`); its output goes nowhere but errors. */
export function startOn(cpu: number, argv: string[], env: Record<string, string> = {}): ChildProcess {
  const [command = '', ...args] = process.platform === 'linux' ? ['taskset', '-c', String(cpu), ...argv] : argv;
  return spawn(command, args, {
    env: { ...process.env, NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

/** What a program prints until it ends. */
export async function outputOf(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(child, 'close');
  return text;
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  for (const pid of familyOf(child.pid as number).toReversed()) kill(pid, 'SIGTERM');
  if (await Promise.race([gone, setTimeout(5000, false)])) return;
  for (const pid of familyOf(child.pid as number)) kill(pid, 'SIGKILL');
  await gone;
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has gone by itself.
  }
}

/** Seconds of CPU and MiB of memory that a program and all that it started have taken. */
export function usageOf(child: ChildProcess): { cpuSeconds: number; memoryMiB: number } {
  let [cpuSeconds, memoryMiB] = [0, 0];
  for (const pid of familyOf(child.pid as number)) {
    const fields = statOf(pid);
    cpuSeconds += (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    memoryMiB += Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
  }
  return { cpuSeconds, memoryMiB };
}

function familyOf(root: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      parents.set(Number(entry), Number(statOf(Number(entry))[1]));
    } catch {
      // It ended while it was looked at.
    }
  }
  const family = [root];
  for (const member of family) for (const [pid, parent] of parents) if (parent === member) family.push(pid);
  return family;
}

/** The fields behind the name, which may hold anything. */
function statOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}
