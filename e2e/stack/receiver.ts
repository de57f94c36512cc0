import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

type Received = { path: string; headers: IncomingHttpHeaders; body: Buffer };

/** An HTTP server on loopback that keeps what it gets; `status` says what it answers. */
export type Receiver = {
  url: string;
  received: Received[];
  status: (got: Received) => number;
  stop: () => Promise<void>;
};

/** Not the address that names such as localhost have: a rule that allows the one does not allow the other. */
export const RECEIVER_HOST = '127.0.0.2';

/** @param port any that is free, unless one is given */
export async function startReceiver(port = 0): Promise<Receiver> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const got = { path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) };
      receiver.received.push(got);
      response.writeHead(receiver.status(got)).end();
    });
  }).listen(port, RECEIVER_HOST);
  await once(server, 'listening');
  const receiver: Receiver = {
    url: `http://${RECEIVER_HOST}:${(server.address() as AddressInfo).port}`,
    received: [],
    status: () => 204,
    async stop() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  return receiver;
}
