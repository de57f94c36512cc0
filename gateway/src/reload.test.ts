import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startGateway } from './gateway.ts';
import { testContext } from './testing/context.ts';
import { eventually, startTestGateway, type TestGateway } from './testing/gateway.ts';
import { replaceFile } from './testing/replace-file.ts';
import { shop } from './testing/shop.ts';
import { startSubgraphs } from './testing/subgraphs.ts';
import { startSupergraphServer, type SupergraphServer } from './testing/supergraph-server.ts';

type Context = ReturnType<typeof testContext>;
const reloads = async ({ metrics }: Context, outcome: string): Promise<number> =>
  (await metrics.supergraphReloads.get()).values.find((value) => value.labels.outcome === outcome)?.value ?? 0;
const planned = async ({ metrics }: Context): Promise<number> =>
  (await metrics.planSeconds.get()).values.find((value) => value.metricName?.endsWith('_count'))?.value ?? 0;
const hash = async ({ metrics }: Context): Promise<unknown> => {
  const { values } = await metrics.supergraphInfo.get();
  expect(values).toHaveLength(1);
  return values[0]?.labels.hash;
};

describe('a supergraph in a file', () => {
  let stage: TestGateway;
  beforeAll(async () => {
    stage = await startTestGateway({ AUTH: 'off' });
  });
  afterAll(() => stage.stop());

  test('is replaced under load: no operation fails, and none sees half of it', async () => {
    const answers = new Set<string>();
    let sent = 0;
    let stopped = false;
    const client = async (query: string): Promise<void> => {
      while (!stopped) {
        const { status, body } = await stage.query(query, {});
        answers.add(`${status} ${JSON.stringify(body)}`);
        sent += 1;
      }
    };
    const clients = [
      client('{ me { name reviews { stars } } }'),
      client('{ products { title reviews { author { name } } } }'),
      client('{ __type(name: "Query") { fields { name } } users { name } }'),
      client('{ __type(name: "Query") { fields { name } } people: users { name } }'),
    ];
    for (const [i, field] of ['people', 'users', 'people', 'users'].entries()) {
      await replaceFile(stage.supergraphFile, stage.supergraphSdl.replace('  users: [User!]!', `  ${field}: [User!]!`));
      const before = sent;
      await eventually(async () => (await reloads(stage.context, 'accepted')) === i + 1);
      await eventually(() => sent > before);
    }
    stopped = true;
    await Promise.all(clients);

    const texts = [...answers].sort();
    // Each of the two stable operations has one answer; the other two are answered or refused as a whole.
    expect(texts.filter((text) => text.startsWith('200'))).toHaveLength(4);
    expect(texts.filter((text) => !text.startsWith('200'))).toEqual([
      expect.stringMatching(/^400 .*GRAPHQL_VALIDATION_FAILED/),
    ]);
    expect(await reloads(stage.context, 'refused')).toBe(0);
  });

  test('comes into force with the plans of the most used operations', async () => {
    const query = '{ me { id name email } }';
    await stage.query(query, {});
    const before = await hash(stage.context);
    const count = await reloads(stage.context, 'accepted');
    await replaceFile(stage.supergraphFile, `# again\n${stage.supergraphSdl}`);
    await eventually(async () => (await reloads(stage.context, 'accepted')) === count + 1);
    expect(await hash(stage.context)).not.toBe(before);
    const plans = await planned(stage.context);
    expect((await stage.query(query, {})).status).toBe(200);
    expect(await planned(stage.context)).toBe(plans);
  });
});

describe('a supergraph from a URL', () => {
  let graph: Awaited<ReturnType<typeof startSubgraphs>>;
  let server: SupergraphServer;
  beforeAll(async () => {
    graph = await startSubgraphs(shop);
    server = await startSupergraphServer(graph.supergraphSdl);
  });
  afterAll(() => Promise.all([graph.stop(), server.stop()]));

  const settings = (more: Record<string, string> = {}) =>
    testContext({ SUPERGRAPH: server.url, SUPERGRAPH_POLL_SECONDS: '1', SUPERGRAPH_TOKEN: 'its-token', ...more });

  test('is asked for again with its ETag and token; what cannot be had or is no supergraph changes nothing', async () => {
    const context = settings();
    const gateway = await startGateway(context);
    const query = async (text: string) => {
      const url = `${gateway.url}/graphql?${new URLSearchParams({ query: text })}`;
      return (await fetch(url, { headers: { 'apollo-require-preflight': '1' } })).json();
    };
    try {
      await eventually(() => server.asked.some(({ status }) => status === 304));
      expect(server.asked[0]).toEqual({ status: 200, authorization: 'Bearer its-token', ifNoneMatch: undefined });
      const first = await hash(context);

      server.serve({ status: 500 });
      await eventually(async () => (await reloads(context, 'unavailable')) > 0);
      server.serve({ sdl: 'type Query { no: Supergraph }' });
      await eventually(async () => (await reloads(context, 'refused')) === 1);
      server.serve({ sdl: 'x'.repeat(33 * 1024 * 1024) });
      const failures = await reloads(context, 'unavailable');
      await eventually(async () => (await reloads(context, 'unavailable')) > failures);
      expect(await hash(context)).toBe(first);
      expect(await query('{ users { id } }')).toEqual({ data: { users: [{ id: 'u1' }, { id: 'u2' }] } });

      server.serve({ sdl: graph.supergraphSdl.replace('  users: [User!]!', '  people: [User!]!') });
      await eventually(async () => (await reloads(context, 'accepted')) === 1);
      expect(await hash(context)).not.toBe(first);
      expect(await query('{ users { id } }')).toHaveProperty('errors');
      expect(await reloads(context, 'refused')).toBe(1);
    } finally {
      await gateway.stop();
      server.serve({ sdl: graph.supergraphSdl });
    }
  });

  test('a start waits for it', async () => {
    const { port } = new URL(server.url);
    await server.stop();
    const context = settings();
    const failed = Promise.withResolvers<void>();
    context.logger.warn = () => failed.resolve();
    const starting = startGateway(context);
    await failed.promise;
    server = await startSupergraphServer(graph.supergraphSdl, Number(port));
    const gateway = await starting;
    expect((await fetch(`${gateway.url}/readyz`)).status).toBe(200);
    await gateway.stop();
  });

  test('a start ends with what is wrong where it does not come, or is none', async () => {
    await expect(
      startGateway(settings({ SUPERGRAPH: 'http://127.0.0.1:1/s?key=secret', SUPERGRAPH_START_SECONDS: '0' })),
    ).rejects.toThrow(/the supergraph cannot be read from http:\/\/127\.0\.0\.1:1\/s: .*ECONNREFUSED/);
    server.serve({ sdl: 'type Query { a: Int }' });
    await expect(startGateway(settings())).rejects.toThrow(/link|supergraph/i);
  });
});
