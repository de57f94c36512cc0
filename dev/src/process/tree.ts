import { execFileSync } from 'node:child_process';

/** The processes that descend from `root`, without it, parents before children. */
export const descendants = (root: number): number[] => {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  return descendantsIn(table, root);
};

/** The same from the text of `ps -A -o pid=,ppid=`. */
export const descendantsIn = (table: string, root: number): number[] => {
  const children = new Map<number, number[]>();
  for (const line of table.trim().split('\n')) {
    const [pid, parent] = line.trim().split(/\s+/).map(Number);
    if (pid === undefined || parent === undefined) continue;
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found: number[] = [];
  const queue = [root];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const own = children.get(next) ?? [];
    found.push(...own);
    queue.push(...own);
  }
  return found;
};

/** Sends a signal; false when the process is gone already. */
export const send = (pid: number, signal: NodeJS.Signals): boolean => {
  try {
    return process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
};

/**
 * Sends a signal to a process, to its group and to all its descendants: PostgreSQL puts each backend into a group of
 * its own, so the group alone would miss them.
 */
export const sendToTree = (pid: number, signal: NodeJS.Signals): void => {
  const below = descendants(pid);
  send(pid, signal);
  send(-pid, signal);
  for (const each of below) send(each, signal);
};
