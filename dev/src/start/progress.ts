import pc from 'picocolors';

/** What the person at the terminal sees while the stack starts and stops. */
export type Progress = {
  say: (line: string) => void;
  /** A part is ready: its name and, right-aligned, the seconds it took. */
  done: (name: string, milliseconds: number, note?: string) => void;
  /** Something slow goes on: shown in place on a terminal, otherwise one line every 15 seconds. */
  slow: (line: string) => void;
  warn: (line: string) => void;
  fail: (text: string) => void;
};

const QUIET_MS = 15_000;

/** Writes to this stream; a closed terminal is no reason to stop stopping. */
export const createProgress = (out: NodeJS.WriteStream, now: () => number = Date.now): Progress => {
  let inPlace = false;
  let lastSlow = now();
  out.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error;
  });
  const line = (text: string): void => {
    out.write(`${inPlace ? '\r\u001B[2K' : ''}${text}\n`);
    inPlace = false;
  };
  const slow = (text: string): void => {
    if (out.isTTY) {
      out.write(`\r\u001B[2K${text.slice(0, out.columns - 1)}`);
      inPlace = true;
    } else if (now() - lastSlow >= QUIET_MS) {
      lastSlow = now();
      line(text);
    }
  };
  return {
    say: line,
    done: (name, milliseconds, note = '') =>
      line(`  ${pc.green('✓')} ${name.padEnd(26)} ${(milliseconds / 1000).toFixed(1).padStart(5)} s  ${pc.dim(note)}`),
    slow,
    warn: (text) => line(`  ${pc.yellow('!')} ${text}`),
    fail: (text) => line(`${pc.red('✗')} ${text}`),
  };
};

/** Runs one step of the start and reports how long it took. */
export const timed = async <T>(progress: Progress, name: string, step: () => Promise<T>): Promise<T> => {
  const start = performance.now();
  const result = await step();
  progress.done(name, performance.now() - start);
  return result;
};
