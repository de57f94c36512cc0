import { expect } from '@jest/globals';
import WebSocket from 'ws';
import { listParts } from '@todo/dev/control/client';
import { sampleGateway } from '../../soak/gateway.ts';
import { eventually } from '../../stack/eventually.ts';
import { DATA } from '../../stack/paths.ts';
import { app } from '../../stack/ready.ts';
import { PATIENCE_MS, overHttp } from './client.ts';
import { someone } from './issuer.ts';

/** Garbage, caches that fill up to their bounds, and buffers that the allocator keeps. */
const HEAP_MARGIN = 48e6;
const LAG_MS = 250;

/** How the gateway does: what its heap holds once garbage is collected, in bytes, and how many connections it has. */
export type Health = { heap: number; sockets: number; subscribers: number };

/** Speaks to a process by Node's inspector, which SIGUSR1 has it open on loopback. */
async function inspect<T>(
  pid: number,
  act: (call: (method: string, params?: object) => Promise<any>) => Promise<T>,
): Promise<T> {
  process.kill(pid, 'SIGUSR1');
  let url = '';
  await eventually(async () => {
    const targets = (await (await fetch('http://127.0.0.1:9229/json/list')).json()) as {
      webSocketDebuggerUrl: string;
    }[];
    url = targets[0]?.webSocketDebuggerUrl ?? '';
    expect(url).not.toBe('');
  }, PATIENCE_MS);
  const socket = new WebSocket(url);
  const waiting = new Map<number, { resolve: (value: any) => void; reject: (error: Error) => void }>();
  socket.on('message', (data: Buffer) => {
    const { id, result, error } = JSON.parse(data.toString()) as {
      id: number;
      result: unknown;
      error?: { message: string };
    };
    if (error) waiting.get(id)?.reject(new Error(error.message));
    else waiting.get(id)?.resolve(result);
  });
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  let calls = 0;
  try {
    return await act((method, params = {}) => {
      calls += 1;
      const id = calls;
      socket.send(JSON.stringify({ id, method, params }));
      return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
    });
  } finally {
    socket.terminate();
  }
}

async function gatewayPid(): Promise<number> {
  const gateway = (await listParts(DATA)).find(({ name }) => name === 'api-gateway');
  if (!gateway?.pid) throw new Error('the gateway does not run');
  return gateway.pid;
}

const evaluate = (call: (method: string, params?: object) => Promise<any>, expression: string): Promise<any> =>
  call('Runtime.evaluate', { expression, returnByValue: true }).then(({ result }) => result.value);

/** Collects the garbage of the gateway's process, and looks at what is left. */
export async function healthOf(): Promise<Health> {
  const heap = await inspect(await gatewayPid(), async (call) => {
    await call('HeapProfiler.enable');
    await call('HeapProfiler.collectGarbage');
    return (await evaluate(call, 'process.memoryUsage().heapUsed')) as number;
  });
  const { sockets, subscribers } = await sampleGateway(app('api-gateway').port);
  return { heap, sockets, subscribers };
}

/** The names that the prototypes of the gateway's process have and that Node's own have not. */
export async function pollutionOf(): Promise<string[]> {
  return inspect(await gatewayPid(), async (call) =>
    evaluate(
      call,
      '[Object, Array, Function, String, Number, Map].flatMap(({ prototype }) => Object.keys(prototype)).concat(({}).polluted ?? [])',
    ),
  );
}

const mb = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

/**
 * Expects that the gateway is as it was before an attack: alive, its event loop free, its memory given back, and no
 * connection left of it. How long that takes is no matter.
 * @returns how its memory went, for the record
 */
export async function recovered(before: Health): Promise<string> {
  const { token } = await someone();
  let after = before;
  await eventually(async () => {
    expect((await overHttp({ query: '{ me { id } }' }, { token })).status).toBe(200);
    const sample = await sampleGateway(app('api-gateway').port);
    expect(sample.lagP99).toBeLessThan(LAG_MS);
    expect(sample.subscribers).toBeLessThanOrEqual(before.subscribers);
    after = await healthOf();
    expect(after.heap).toBeLessThan(before.heap + HEAP_MARGIN);
  }, 2 * PATIENCE_MS);
  return `heap ${mb(before.heap)} before, ${mb(after.heap)} after`;
}
