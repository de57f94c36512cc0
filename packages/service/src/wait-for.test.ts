import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, test } from '@jest/globals';
import { addressOf, waitFor } from './wait-for.ts';

test('an address is given as host and port, as a URL, or by the variable that holds it', () => {
  expect(addressOf('kafka:9092')).toEqual({ host: 'kafka', port: 9092 });
  expect(addressOf('[::1]:9092')).toEqual({ host: '::1', port: 9092 });
  expect(addressOf('TASK_DATABASE_URL', { TASK_DATABASE_URL: 'postgresql://task:secret@db/task' })).toEqual({
    host: 'db',
    port: 5432,
  });
});

test('what is none is named without what the variable holds', () => {
  const env = { DATABASE_URL: 'mysql://task:secret@db/task' };
  expect(() => addressOf('DATABASE_URL', env)).toThrow(/^DATABASE_URL is not host:port/);
});

test('waits until a server listens', async () => {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const address = { host: '127.0.0.1', port };
  server.close();
  await once(server, 'close');

  await expect(waitFor([address], 1)).rejects.toThrow(`127.0.0.1:${port} took no connection`);
  const waiting = waitFor([address]);
  server.listen(port, '127.0.0.1');
  await waiting;
  server.close();
});
