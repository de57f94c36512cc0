import { request } from 'node:http';
import type { PartStatus } from '../parts/part.ts';
import type { Action } from './server.ts';
import { socketPath } from './socket.ts';

/** The parts of the stack that runs on this data directory. @throws when none runs. */
export const listParts = (dataDir: string): Promise<PartStatus[]> => ask(dataDir, 'GET', '/parts');

/** Stops a part gracefully; it counts as stopped, not as crashed. @throws when there is no such part. */
export const stopPart = (dataDir: string, name: string): Promise<PartStatus> => act(dataDir, name, 'stop');

/** Starts a stopped part and resolves when it is ready. @throws when it does not get ready. */
export const startPart = (dataDir: string, name: string): Promise<PartStatus> => act(dataDir, name, 'start');

/** Kills a part (SIGKILL), as a crash would; the rest of the stack goes on. */
export const killPart = (dataDir: string, name: string): Promise<PartStatus> => act(dataDir, name, 'kill');

/** Freezes a part (SIGSTOP): its connections stay, but nothing answers. */
export const pausePart = (dataDir: string, name: string): Promise<PartStatus> => act(dataDir, name, 'pause');

/** Lets a paused part go on (SIGCONT). */
export const resumePart = (dataDir: string, name: string): Promise<PartStatus> => act(dataDir, name, 'resume');

/** Stops a part and starts it again; resolves when it is ready. */
export const restartPart = (dataDir: string, name: string): Promise<PartStatus> => act(dataDir, name, 'restart');

/** Any of the actions, by its name. */
export const act = (dataDir: string, name: string, action: Action): Promise<PartStatus> =>
  ask(dataDir, 'POST', `/parts/${encodeURIComponent(name)}/${action}`);

const ask = <T>(dataDir: string, method: string, path: string): Promise<T> =>
  new Promise((resolve, reject) => {
    const asking = request({ socketPath: socketPath(dataDir), method, path }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as T & { error?: string };
        if (response.statusCode === 200) resolve(body);
        else reject(new Error(body.error));
      });
    });
    asking.on('error', (error: NodeJS.ErrnoException) => {
      const nobody = error.code === 'ENOENT' || error.code === 'ECONNREFUSED';
      reject(nobody ? new Error(`no stack runs on ${dataDir}; npm start starts one`) : error);
    });
    asking.end();
  });
