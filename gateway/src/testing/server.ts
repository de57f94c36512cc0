import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Stop } from '@todo/service/shutdown';

type Respond = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A server for tests that answers as it is told. */
export type TestServer = {
  origin: string;
  requests: IncomingMessage[];
  /** Answers from now on so; with fewer answers than requests, the last one stays. */
  answer: (...answers: (Respond | [status: number, body: string])[]) => void;
  /** Stops listening and breaks all connections; `start` listens on the same port again. */
  stop: Stop;
  start: () => Promise<void>;
};

/** Ends a request without an answer, as a program that dies does. */
export const drop: Respond = (request) => request.socket.destroy();

/** Starts a server on loopback that answers `{"data":{"ok":true}}` until told otherwise. */
export async function startTestServer(): Promise<TestServer> {
  const requests: IncomingMessage[] = [];
  let answers: Respond[] = [(_request, response) => response.end('{"data":{"ok":true}}')];
  const server = createServer((request, response) => {
    requests.push(request);
    const respond = (answers.length > 1 ? answers.shift() : answers[0]) as Respond;
    void request.toArray().then((chunks) => respond(request, response, Buffer.concat(chunks).toString()));
  });
  const listen = (port: number): Promise<void> =>
    new Promise((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    answer: (...given) => {
      answers = given.map((each) =>
        typeof each === 'function' ? each : (_request, response) => response.writeHead(each[0]).end(each[1]),
      );
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    start: () => listen(port),
  };
}
