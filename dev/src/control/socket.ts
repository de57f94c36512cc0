import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** The kernel takes no longer path of a Unix socket, on macOS (104 bytes with the end mark). */
const LONGEST = 103;

/** Where the stack of this data directory listens for control: in the directory, unless its path is too long. */
export const socketPath = (dataDir: string): string => {
  const path = join(resolve(dataDir), 'stack.sock');
  if (Buffer.byteLength(path) <= LONGEST) return path;
  return join(tmpdir(), `todo-${createHash('sha256').update(path).digest('hex').slice(0, 16)}.sock`);
};
