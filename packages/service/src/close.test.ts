import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import Fastify from 'fastify';
import { closeWhenIdle } from './close.ts';

async function server(graceMs?: number) {
  const app = Fastify();
  const stop = closeWhenIdle(app, graceMs);
  const arrived = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<string>();
  app.get('/slow', () => {
    arrived.resolve();
    return answer.promise;
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return { stop, arrived: arrived.promise, answer, port: (app.server.address() as AddressInfo).port };
}

it('does not wait for a connection on which nothing was sent', async () => {
  const { stop, port } = await server();
  const spare = connect(port, '127.0.0.1');
  await once(spare, 'connect');
  const ended = once(spare, 'close');
  await stop();
  await ended;
  expect(spare.destroyed).toBe(true);
});

it('lets a request under way finish, and takes no new one', async () => {
  const { stop, arrived, answer, port } = await server();
  const request = fetch(`http://127.0.0.1:${port}/slow`);
  await arrived;
  const stopping = stop();
  await expect(fetch(`http://127.0.0.1:${port}/slow`)).rejects.toThrow('fetch failed');
  answer.resolve('done');
  expect(await (await request).text()).toBe('done');
  await stopping;
});

it('notices a client that went away', async () => {
  const { stop, arrived, answer, port } = await server();
  const gone = new AbortController();
  const request = fetch(`http://127.0.0.1:${port}/slow`, { signal: gone.signal });
  await arrived;
  gone.abort();
  await expect(request).rejects.toThrow('aborted');
  await stop();
  answer.resolve('for nobody');
});

it('does not wait for ever for a request that takes for ever', async () => {
  const { stop, arrived, answer, port } = await server(50);
  const request = fetch(`http://127.0.0.1:${port}/slow`).then(
    () => 'answered',
    () => 'cut',
  );
  await arrived;
  const stopping = stop();
  expect(await request).toBe('cut');
  answer.resolve('too late');
  await stopping;
});
