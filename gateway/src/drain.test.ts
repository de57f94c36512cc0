import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Agent, request } from 'undici';
import { startGateway, type Gateway } from './gateway.ts';
import { testContext } from './testing/context.ts';
import { eventually, startTestGateway, type TestGateway } from './testing/gateway.ts';

let stage: TestGateway;
beforeAll(async () => {
  stage = await startTestGateway({ AUTH: 'off' });
});
afterAll(() => stage.stop());

const replica = (settings: Record<string, string> = {}): Promise<Gateway> =>
  startGateway(testContext({ SUPERGRAPH: stage.supergraphFile, ...settings }));

const send = async (url: string, query: string, dispatcher = new Agent()) => {
  const { statusCode, headers, body } = await request(`${url}/graphql`, {
    dispatcher,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return { status: statusCode, connection: headers.connection, body: await body.json() };
};

/** Sends to replicas in turn, to those that say they are ready, over connections that are kept: as a load balancer. */
function startLoad(replicas: { url: string }[]) {
  const dispatcher = new Agent();
  const ready = new Set(replicas.map(({ url }) => url));
  const counts: Record<string, number> = {};
  const failures: unknown[] = [];
  let stopped = false;
  const probe = async (): Promise<void> => {
    while (!stopped) {
      for (const { url } of replicas) {
        const status = await fetch(`${url}/readyz`).then(
          (response) => response.status,
          () => undefined,
        );
        if (status === 200) ready.add(url);
        else ready.delete(url);
      }
      await setTimeout(50);
    }
  };
  const client = async (turn: number): Promise<void> => {
    for (let i = turn; !stopped; i++) {
      const url = [...ready][i % ready.size] as string;
      counts[url] = (counts[url] ?? 0) + 1;
      const answer = await send(url, '{ me { name reviews { stars } } }', dispatcher).catch((error: unknown) => error);
      if (JSON.stringify(answer).includes('"name":"Ada"')) continue;
      failures.push(answer);
    }
  };
  const all = [probe(), ...[0, 1, 2, 3, 4, 5].map(client)];
  return {
    counts,
    failures,
    stop: async () => {
      stopped = true;
      await Promise.all(all);
      await dispatcher.close();
    },
  };
}

test('a rolling stop under load fails no request', async () => {
  const [first, second] = await Promise.all([replica({ DRAIN_DELAY_MS: '3000' }), replica()]);
  const load = startLoad([first, second]);
  await eventually(() => (load.counts[first.url] ?? 0) > 20 && (load.counts[second.url] ?? 0) > 20);
  await first.stop();
  const after = load.counts[second.url] as number;
  await eventually(() => (load.counts[second.url] as number) > after + 20);
  await load.stop();
  await second.stop();
  expect(load.failures).toEqual([]);
});

test('a stopping gateway is not ready at once, and answers still, asking to connect elsewhere', async () => {
  const gateway = await replica({ DRAIN_DELAY_MS: '4000' });
  expect((await send(gateway.url, '{ me { id } }')).connection).toBe('keep-alive');
  const stopped = gateway.stop();
  expect((await fetch(`${gateway.url}/readyz`)).status).toBe(503);
  expect((await fetch(`${gateway.url}/healthz`)).status).toBe(200);
  expect(await send(gateway.url, '{ me { id } }')).toEqual({
    status: 200,
    connection: 'close',
    body: { data: { me: { id: 'u1' } } },
  });
  await stopped;
  await expect(send(gateway.url, '{ me { id } }')).rejects.toThrow('ECONNREFUSED');
});

test('what is under way may finish, for as long as the grace lasts', async () => {
  const [patient, impatient] = await Promise.all([replica(), replica({ SHUTDOWN_GRACE_MS: '100' })]);
  const answers = [patient, impatient].map(({ url }) =>
    send(url, '{ slow }').then(
      ({ body }) => body,
      () => 'cut off',
    ),
  );
  await eventually(() => stage.received.filter(({ query }) => query.includes('slow')).length === 2);
  await Promise.all([patient.stop(), impatient.stop()]);
  expect(await Promise.all(answers)).toEqual([{ data: { slow: 'at last' } }, 'cut off']);
});
