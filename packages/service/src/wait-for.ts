// Waits until every given address takes connections, then ends: what a pod does before its sidecar starts.
// An argument is host:port, a URL, or the name of a variable that holds one of them.
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { endOnSignal } from './shutdown.ts';

const TIMEOUT_MS = 120_000;
const RETRY_MS = 500;
const ports: Record<string, string> = {
  'postgres:': '5432',
  'postgresql:': '5432',
  'redis:': '6379',
  'rediss:': '6379',
};

/** The host and port of an argument. @throws where it has none; what a variable holds can be secret and is not told */
export function addressOf(argument: string, env: NodeJS.ProcessEnv = process.env): { host: string; port: number } {
  const text = env[argument] ?? argument;
  const url = text.includes('://') ? text : `tcp://${text}`;
  const { hostname, port, protocol } = URL.canParse(url) ? new URL(url) : { hostname: '', port: '', protocol: '' };
  const number = Number(port || ports[protocol]);
  if (!hostname || !Number.isInteger(number))
    throw new Error(`${argument} is not host:port, a URL, or a variable's name`);
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: number };
}

const takesConnections = ({ host, port }: { host: string; port: number }): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2000 });
    const answer = (is: boolean): void => {
      socket.destroy();
      resolve(is);
    };
    socket.once('connect', () => answer(true));
    socket.once('timeout', () => answer(false));
    socket.once('error', () => answer(false));
  });

/** Resolves once all take connections. @throws after `timeoutMs` milliseconds, with the address that does not */
export async function waitFor(addresses: { host: string; port: number }[], timeoutMs = TIMEOUT_MS): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (const address of addresses) {
    while (!(await takesConnections(address))) {
      if (performance.now() > deadline)
        throw new Error(`${address.host}:${address.port} took no connection within ${timeoutMs} ms`);
      await delay(RETRY_MS);
    }
  }
}

if (import.meta.main) {
  endOnSignal();
  try {
    await waitFor(process.argv.slice(2).map((argument) => addressOf(argument)));
  } catch (error) {
    console.error((error as Error).message);
    process.exit(1);
  }
}
