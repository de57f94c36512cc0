import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** @returns the status of a gRPC call that has no token */
export function callGrpc(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    session.on('error', reject);
    const call = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let status: string | undefined;
    const look = (headers: Record<string, unknown>): void =>
      void (status ??= headers['grpc-status'] as string | undefined);
    call.on('response', look).on('trailers', look).on('error', reject);
    call.on('data', () => {});
    call.on('close', () => {
      session.close();
      resolve(status ?? 'none');
    });
    call.end(Buffer.alloc(5));
  });
}

/** What a connection gets that is refused by TLS. */
export const END = 'nothing but the end of the connection';

/** Speaks without TLS. */
export function overPlainTcp(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTcp(port, '127.0.0.1');
    let got = '';
    socket.on('error', () => {});
    // A TLS alert (21) is the end.
    socket.on('data', (data: Buffer) => (got += data[0] === 21 ? '' : data.toString('latin1')));
    socket.on('close', () => resolve(got === '' ? END : got));
    socket.end('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  });
}

/** Speaks TLS, without a certificate. */
export function overTls(port: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    let got = '';
    socket.on('error', () => {});
    socket.on('data', (data: Buffer) => (got += data.toString('latin1')));
    socket.on('close', () => resolve(got === '' ? END : got));
    socket.on('secureConnect', () => socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'));
  });
}
