import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A listening TCP socket of a process. */
export type Listener = { pid: number; address: string; port: number };

const LISTEN = '0A';

/** The processes below `pid`, itself included. */
export function descendants(pid: number): Set<number> {
  const parents = new Map(
    processes().map((id) => [id, Number(/^PPid:\s*(\d+)/m.exec(read(`/proc/${id}/status`))?.[1] ?? 0)]),
  );
  const found = new Set([pid]);
  for (let size = 0; size !== found.size;) {
    size = found.size;
    for (const [id, parent] of parents) if (found.has(parent)) found.add(id);
  }
  return found;
}

/** What these processes listen on, from /proc (Linux alone). */
export function listenersOf(pids: Set<number>): Listener[] {
  const sockets = new Map<string, { address: string; port: number }>();
  for (const table of ['tcp', 'tcp6'])
    for (const line of read(`/proc/net/${table}`).split('\n').slice(1)) {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      const [address = '', port = ''] = local.split(':');
      if (state === LISTEN) sockets.set(inode, { address, port: Number.parseInt(port, 16) });
    }
  return [...pids].flatMap((pid) =>
    descriptors(pid).flatMap((target) => {
      const socket = sockets.get(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? '');
      return socket ? [{ pid, ...socket }] : [];
    }),
  );
}

/** Whether an address of /proc/net/tcp (hexadecimal, each 32 bits in host order) is a loopback address. */
export function isLoopback(address: string): boolean {
  const ipv4 = address.length === 8 ? address : /^0{16}FFFF0000(.{8})$/.exec(address)?.[1];
  return ipv4 ? ipv4.endsWith('7F') : address === '00000000000000000000000001000000';
}

const processes = (): number[] => readdirSync('/proc').map(Number).filter(Number.isInteger);

/** A process may end while it is looked at: then there is nothing to read. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function descriptors(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`));
  } catch {
    return [];
  }
}
