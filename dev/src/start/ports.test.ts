import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { readPorts, takenPorts, takenPortsText } from './ports.ts';

const servers: Server[] = [];

const listen = (host: string): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer();
    servers.push(server);
    server.listen(0, host, () => resolve((server.address() as AddressInfo).port));
  });

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

describe('the port check', () => {
  test.each(['127.0.0.1', '0.0.0.0'])('finds who listens on %s', async (host) => {
    const port = await listen(host);
    const wanted = { port, use: 'Kafka', host: '127.0.0.1' };
    expect(await takenPorts([wanted])).toEqual([wanted]);
  });

  test('leaves a free port alone', async () => {
    const port = await listen('127.0.0.1');
    await new Promise((resolve) => servers.pop()?.close(resolve));
    expect(await takenPorts([{ port, use: 'Kafka', host: '127.0.0.1' }])).toEqual([]);
  });

  test('names each port, what wants it, and how to find who has it', () => {
    const text = takenPortsText([{ port: 9092, use: 'Kafka', host: '127.0.0.1' }], 'linux');
    expect(text).toContain(' 9092  wanted by Kafka');
    expect(text).toContain("ss -ltnp 'sport = :9092'");
    expect(takenPortsText([{ port: 9092, use: 'Kafka', host: '127.0.0.1' }], 'darwin')).toContain('lsof');
  });
});

test('a port of the environment must be one', () => {
  expect(readPorts({ KAFKA_PORT: '19092' }).kafka).toBe(19_092);
  expect(() => readPorts({ POSTGRES_PORT: 'many' })).toThrow('POSTGRES_PORT=many is not a port');
});
