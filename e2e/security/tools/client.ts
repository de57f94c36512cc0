import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from '@jest/globals';
import WebSocket from 'ws';
import { ready } from '../../stack/ready.ts';
import { expectNothingLeaked } from './attack.ts';

/** Nothing here takes so long unless it hangs. */
export const PATIENCE_MS = 60_000;

let addresses = 0;

/** An address of loopback that was not used before: failed attempts of one test are not counted with another's. */
export function freshAddress(): string {
  addresses += 1;
  const random = Math.floor(Math.random() * 200) + 20;
  return `127.${random}.${Math.floor(addresses / 250) % 250}.${(addresses % 250) + 2}`;
}

export type Headers = Record<string, string | string[]>;
export type Request = {
  url?: string | undefined;
  method?: string;
  headers?: Headers;
  body?: string | Buffer;
  /** The client's address: 127.0.0.1 where left out. */
  from?: string | undefined;
};
export type Response = { status: number; headers: IncomingHttpHeaders; text: string };

/** Sends an HTTP request exactly as told, over a connection of its own. @throws where no answer comes, or none that ends */
export function send({
  url = ready().urls.graphql,
  method = 'POST',
  headers = {},
  body,
  from,
}: Request): Promise<Response> {
  return new Promise((resolve, reject) => {
    const target = new URL(url);
    // Not URL's pathname, which takes tricks such as /../ away.
    const path = url.slice(url.indexOf(target.host) + target.host.length) || '/';
    const asking = request(
      {
        host: target.hostname === 'localhost' ? '127.0.0.1' : target.hostname,
        port: target.port,
        path,
        method,
        headers: {
          host: target.host,
          ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
          ...headers,
        },
        agent: false,
        signal: AbortSignal.timeout(PATIENCE_MS),
        ...(from !== undefined && { localAddress: from }),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
        });
      },
    );
    asking.on('error', reject);
    asking.end(body);
  });
}

export type Operation = {
  query?: string;
  variables?: unknown;
  operationName?: string;
  extensions?: Record<string, unknown>;
};
/** Who sends an operation: with which token, from which address, with which headers beside, to which replica. */
export type Sender = { token?: string | undefined; from?: string; headers?: Headers; url?: string };

/** What came back of an operation, whatever the transport. `status`: of HTTP, or the code that a WebSocket was closed with. */
export type Answer = {
  status: number;
  data?: any;
  errors?: { message: string; path?: (string | number)[]; extensions?: Record<string, unknown> }[];
  text: string;
};
type Send = (operation: Operation, sender: Sender) => Promise<Answer>;

const bearer = (token: string | undefined): Headers =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

function answerOf(status: number, text: string): Answer {
  try {
    const body = JSON.parse(text) as unknown;
    return { status, text, ...(typeof body === 'object' && !Array.isArray(body) && body) };
  } catch {
    return { status, text };
  }
}

export const overHttp: Send = async (operation, { token, from, headers, url }) => {
  const { status, text } = await send({
    url,
    headers: { 'content-type': 'application/json', ...bearer(token), ...headers },
    body: JSON.stringify(operation),
    from,
  });
  return answerOf(status, text);
};

export const overGet: Send = async ({ query = '', ...more }, { token, from, headers, url = ready().urls.graphql }) => {
  const search = new URLSearchParams({ query });
  for (const [key, value] of Object.entries(more))
    if (value !== undefined) search.set(key, typeof value === 'string' ? value : JSON.stringify(value));
  const { status, text } = await send({
    url: `${url}?${search}`,
    method: 'GET',
    headers: { 'apollo-require-preflight': '1', ...bearer(token), ...headers },
    from,
  });
  return answerOf(status, text);
};

const overStream =
  (accept: string): Send =>
  async (operation, { token, from, headers, url }) => {
    const { status, text } = await send({
      url,
      headers: { 'content-type': 'application/json', accept, ...bearer(token), ...headers },
      body: JSON.stringify(operation),
      from,
    });
    // A part of a stream that says nothing is {}.
    const result = /^(?:data: )?(\{".*\})\s*$/m.exec(text)?.[1] ?? text;
    const answer = answerOf(status, result);
    return { ...answer, text, ...(answer.data === undefined && (answer as any).payload) };
  };
/** Both resolve once the stream is over: what is not refused must be no subscription. */
const overEvents = overStream('text/event-stream');
const overParts = overStream('multipart/mixed;subscriptionSpec=1.0, application/json');

/** A WebSocket that speaks graphql-transport-ws only as far as it is told. */
export type RawClient = {
  socket: WebSocket;
  messages: any[];
  /** Resolves with the first message, past or to come, that is so; undefined once the socket is closed. */
  next: (isIt: (message: any) => boolean) => Promise<any>;
  send: (message: unknown) => void;
  closed: Promise<{ code: number; reason: string }>;
  isClosed: () => boolean;
};

/** Opens one. Resolves once it is open. @throws with the status where the upgrade is refused */
export async function openWebSocket({ from, headers, url = ready().urls.graphql }: Sender = {}): Promise<RawClient> {
  const socket = new WebSocket(url.replace('http', 'ws').replace('localhost', '127.0.0.1'), 'graphql-transport-ws', {
    ...(from !== undefined && { localAddress: from }),
    headers: { host: new URL(url).host, ...headers } as Record<string, string>,
    handshakeTimeout: PATIENCE_MS,
  });
  const messages: any[] = [];
  const waiting = new Set<() => void>();
  let isClosed = false;
  const changed = (): void => [...waiting].forEach((look) => look());
  socket.on('message', (data: Buffer) => {
    messages.push(JSON.parse(data.toString()));
    changed();
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => {
      isClosed = true;
      resolve({ code, reason: reason.toString() });
      changed();
    });
  });
  const opened = new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('unexpected-response', (_request, response: IncomingMessage) => {
      response.once('data', (data: Buffer) => {
        const [, code = 'no code'] = /"code":"(\w+)"/.exec(data.toString()) ?? [];
        reject(new Error(`${response.statusCode} ${code}`));
      });
      response.once('end', () => reject(new Error(`${response.statusCode} no code`)));
    });
    // What breaks later is closed next.
    socket.on('error', reject);
  });
  await opened;
  return {
    socket,
    messages,
    closed,
    isClosed: () => isClosed,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    next: (isIt) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no such message: ${JSON.stringify(messages)}`)), PATIENCE_MS);
        const look = (): void => {
          const found = messages.find(isIt);
          if (found === undefined && !isClosed) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}

/** Opens a WebSocket and says who calls; resolves once that was accepted. @throws where it was not */
export async function connect({ token, ...sender }: Sender): Promise<RawClient> {
  const client = await openWebSocket(sender);
  client.send({ type: 'connection_init', ...(token !== undefined && { payload: bearer(token) }) });
  const ack = await client.next(({ type }) => type === 'connection_ack');
  if (ack) return client;
  const { code, reason } = await client.closed;
  throw Object.assign(new Error(`closed with ${code}: ${reason}`), { code, reason });
}

const overWebSocket: Send = async (operation, sender) => {
  let client: RawClient;
  try {
    client = await connect(sender);
  } catch (error) {
    const { code, reason, message } = error as { code?: number; reason?: string; message: string };
    if (typeof code !== 'number') throw error;
    return { status: code, text: reason ?? message };
  }
  client.send({ id: '1', type: 'subscribe', payload: { query: '', ...operation } });
  const got = await client.next(({ id }) => id === '1');
  client.socket.terminate();
  if (!got) {
    const { code, reason } = await client.closed;
    return { status: code, text: reason };
  }
  const text = JSON.stringify(got);
  if (got.type === 'next') return { status: 200, text, ...got.payload };
  return { status: 200, text, ...(got.type === 'error' && { errors: got.payload }) };
};

/** Every way in which an operation reaches the gateway. */
export const transports: [name: string, send: Send][] = [
  ['HTTP', overHttp],
  ['HTTP GET', overGet],
  ['server-sent events', overEvents],
  ['multipart', overParts],
  ['WebSocket', overWebSocket],
];

export const codesOf = ({ errors = [] }: Answer): string[] =>
  errors.map(({ extensions }) => String(extensions?.['code']));

/** Whether nothing but nulls is in it. */
const isEmpty = (data: unknown): boolean =>
  data === null || data === undefined || (typeof data === 'object' && Object.values(data).every(isEmpty));

/**
 * Expects that an operation was refused for the one reason, or one of those, and that nothing was given away.
 * @returns it in a few words, for the record
 */
export function refused(answer: Answer, ...codes: string[]): string {
  expectNothingLeaked(answer.text);
  expect(answer.status).not.toBeGreaterThanOrEqual(answer.status > 999 ? 4500 : 500);
  // The protocol's codes for a refused caller: its reason is all that there is.
  if (answer.status >= 4000) {
    expect(['closed', answer.status, answer.text]).toEqual(['closed', expect.any(Number), expect.stringMatching(/\w/)]);
    expect([4400, 4401, 4403, 4408, 4429]).toContain(answer.status);
    return `closed ${answer.status}`;
  }
  expect([answer.status, isEmpty(answer.data) ? undefined : answer.data]).toEqual([answer.status, undefined]);
  expect(answer.errors?.length ?? 0).toBeGreaterThan(0);
  for (const code of codesOf(answer)) expect(codes).toContain(code);
  return `${answer.status} ${[...new Set(codesOf(answer))].join(', ')}`;
}

/** Resolves after so many milliseconds. */
export const pause = (ms: number): Promise<void> => delay(ms);
