import { chmodSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RunningPart } from '../parts/run.ts';
import type { Supervisor } from '../parts/supervisor.ts';

/** What can be done to a part. */
export const actions = ['stop', 'start', 'kill', 'pause', 'resume', 'restart'] as const;
export type Action = (typeof actions)[number];

/**
 * Lets this machine's user control the parts: `GET /parts`, and `POST /parts/<name>/<action>`, which answers when it
 * is done. A part that is stopped or killed here has not crashed.
 * @returns a function that stops listening
 */
export const startControl = async (
  supervisor: Supervisor,
  socket: string,
  signal: AbortSignal,
): Promise<() => Promise<void>> => {
  // An earlier start that was killed leaves its socket behind.
  rmSync(socket, { force: true });
  const server = createServer((request, response) => {
    respond(supervisor, signal, request, response).catch((error: unknown) =>
      answer(response, 409, { error: (error as Error).message }),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  chmodSync(socket, 0o600);
  return () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
};

const respond = async (
  supervisor: Supervisor,
  signal: AbortSignal,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const [, first, name, action] = (request.url ?? '').split('/').map(decodeURIComponent);
  if (request.method === 'GET' && first === 'parts' && name === undefined) {
    const parts = supervisor.parts().map((part) => part.status());
    return answer(response, 200, parts);
  }
  if (request.method === 'POST' && first === 'parts' && name !== undefined && isAction(action)) {
    const part = supervisor.part(name);
    await perform(part, action, signal);
    return answer(response, 200, part.status());
  }
  return answer(response, 404, { error: `there is no ${request.method} ${request.url}` });
};

const isAction = (text: string | undefined): text is Action => actions.some((action) => action === text);

const perform = async (part: RunningPart, action: Action, signal: AbortSignal): Promise<void> => {
  if (action === 'stop' || action === 'restart') await part.stop();
  if (action === 'start' || action === 'restart') await part.start(signal);
  if (action === 'kill') await part.kill();
  if (action === 'pause') part.pause();
  if (action === 'resume') part.resume();
};

const answer = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
};
