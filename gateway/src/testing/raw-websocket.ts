import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A client that keeps to no protocol: it sends the frames that it is told to, and answers none (RFC 6455, 5.2). */
export type RawWebSocket = {
  socket: Socket;
  /** Sends a text frame. */
  send: (message: object) => void;
  /** Whether something that the server sent has a text in it. */
  got: (text: string) => boolean;
};

export async function openRawWebSocket(url: string): Promise<RawWebSocket> {
  const { port, host } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  await once(socket, 'connect');
  let received = '';
  socket.on('data', (data: Buffer) => (received += data.toString('latin1')));
  socket.on('error', () => {}); // the server may break it off
  socket.write(
    [
      `GET /graphql HTTP/1.1\r\nhost: ${host}`,
      'connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13',
      'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\nsec-websocket-protocol: graphql-transport-ws\r\n\r\n',
    ].join('\r\n'),
  );
  await once(socket, 'data');
  return {
    socket,
    send: (message) => {
      const payload = Buffer.from(JSON.stringify(message));
      const length = Buffer.alloc(payload.length < 126 ? 0 : 8);
      if (length.length > 0) length.writeBigUInt64BE(BigInt(payload.length));
      // Masked with zeros, which changes nothing.
      const head = Buffer.from([0x81, 0x80 | (length.length > 0 ? 127 : payload.length)]);
      socket.write(Buffer.concat([head, length, Buffer.alloc(4), payload]));
    },
    got: (text) => received.includes(text),
  };
}
