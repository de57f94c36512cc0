import { once } from 'node:events';
import WebSocket from 'ws';
import type { TestGateway } from './gateway.ts';

type Params = {
  query?: string;
  variables?: unknown;
  operationName?: string;
  extensions?: unknown;
  documentId?: string;
};
type Result = { data?: unknown; errors?: { message: string; extensions: Record<string, unknown> }[] };

/** Sends an operation as `ada`; resolves with its first result. */
type Send = (stage: TestGateway, params: Params) => Promise<Result>;

const overHttp: Send = async (stage, params) =>
  (await (await post(stage, params, 'application/json')).json()) as Result;

const overEvents: Send = async (stage, params) => {
  const text = await (await post(stage, params, 'text/event-stream')).text();
  return JSON.parse(/^data: (\{.*)$/m.exec(text)?.[1] ?? text) as Result;
};

async function post(stage: TestGateway, params: Params, accept: string, signal?: AbortSignal): Promise<Response> {
  return fetch(`${stage.gateway.url}/graphql`, {
    method: 'POST',
    headers: { accept, 'content-type': 'application/json', authorization: `Bearer ${await stage.issuer.token()}` },
    body: JSON.stringify(params),
    ...(signal && { signal }),
  });
}

/** Opens an event stream as `ada`: `read` gives what comes next of its text, `leave` breaks it off. */
export async function openEvents(
  stage: TestGateway,
  query: string,
): Promise<{ read: () => Promise<string>; leave: () => void }> {
  const leaving = new AbortController();
  const response = await post(stage, { query }, 'text/event-stream', leaving.signal);
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  return { read: async () => Buffer.from((await reader.read()).value ?? []).toString(), leave: () => leaving.abort() };
}

const overWebSocket: Send = async (stage, { query = '', ...params }) => {
  const socket = new WebSocket(`${stage.gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send(JSON.stringify({ type: 'connection_init', payload: { token: await stage.issuer.token() } }));
  await once(socket, 'message');
  socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query, ...params } }));
  const [data] = (await once(socket, 'message')) as [Buffer];
  socket.terminate();
  const { type, payload } = JSON.parse(data.toString()) as { type: string; payload: unknown };
  return (type === 'error' ? { errors: payload } : payload) as Result;
};

/** Every way in which an operation reaches the gateway. */
export const transports: [name: string, send: Send][] = [
  ['HTTP', overHttp],
  ['server-sent events', overEvents],
  ['WebSocket', overWebSocket],
];
