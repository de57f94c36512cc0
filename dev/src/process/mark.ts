import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * What tells a process from a later one with the same pid: its start time (on Linux with the boot it belongs to).
 * Undefined when there is no such process, or only a zombie that is waiting for its parent.
 */
export const processMark = (pid: number): string | undefined =>
  process.platform === 'linux' ? linuxMark(pid) : psMark(pid);

const linuxMark = (pid: number): string | undefined => {
  const stat = readIfThere(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const { state, startTicks } = parseStat(stat);
  return state === 'Z' || state === 'X' ? undefined : `${bootId()}:${startTicks}`;
};

/** The fields of /proc/<pid>/stat after the command's name, which itself may hold spaces and parentheses. */
export const parseStat = (stat: string): { state: string; parent: number; startTicks: string } => {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '', parent: Number(fields[1]), startTicks: fields[19] ?? '' };
};

const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();

const readIfThere = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // The process ended before (ENOENT) or while (ESRCH) it was read.
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
};

const psMark = (pid: number): string | undefined => {
  try {
    const [state, ...started] = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
    return state === undefined || state.startsWith('Z') ? undefined : started.join(' ');
  } catch (error) {
    // ps says 1 when there is no such process.
    if ((error as { status?: number }).status === 1) return undefined;
    throw error;
  }
};
