import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import WebSocket from 'ws';
import { eventually, startTestGateway, type TestGateway } from './testing/gateway.ts';
import { total } from './testing/metrics.ts';

const SANDBOX = 'https://studio.apollographql.com';
let development: TestGateway;
let production: TestGateway;
beforeAll(async () => {
  development = await startTestGateway({ NODE_ENV: 'development', AUTH_COOKIE: '__Host-session' });
  production = await startTestGateway({ NODE_ENV: 'production' });
});
afterAll(() => Promise.all([development.stop(), production.stop()]));

/** GET / with a Host header of one's own. */
const landing = async (
  { gateway }: TestGateway,
  host?: string,
): Promise<[status: number, policy: string, page: string]> => {
  const sent = request(gateway.url, { headers: host === undefined ? {} : { host } }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const page = Buffer.concat(await response.toArray()).toString();
  return [response.statusCode ?? 0, String(response.headers['content-security-policy']), page];
};

describe('the page at /', () => {
  test('is there in development, and tells what is served', async () => {
    const [status, , page] = await landing(development);
    const { url } = development.gateway;
    expect(status).toBe(200);
    for (const part of [
      `<code>${url}/graphql</code>`,
      `${SANDBOX}/sandbox/explorer?endpoint=${encodeURIComponent(`${url}/graphql`)}`,
      'href="/healthz"',
      'href="/readyz"',
      `curl ${url}/graphql -H 'authorization: Bearer TOKEN'`,
      `curl -N ${url}/graphql`,
      `curl -i -X POST ${url}/session`,
    ])
      expect(page).toContain(part);
  });

  test('does not exist in production: 404, which says where GraphQL is', async () => {
    const [status, , page] = await landing(production);
    expect([status, JSON.parse(page)]).toEqual([
      404,
      { errors: [{ message: expect.stringContaining('/graphql'), extensions: { code: 'NOT_FOUND' } }] },
    ]);
  });

  test('allows no script and no style but its own, and what the embed needs', async () => {
    const [, policy, page] = await landing(development, 'dev.test:4000');
    expect(policy.split('; ')).toEqual([
      "default-src 'none'",
      expect.stringMatching(
        /^script-src 'sha256-[\w+/]{43}=' https:\/\/embeddable-sandbox\.cdn\.apollographql\.com\/\S+$/,
      ),
      expect.stringMatching(/^style-src 'sha256-[\w+/]{43}='$/),
      'frame-src https://sandbox.embed.apollographql.com',
      "connect-src 'self' ws://dev.test:4000 wss://dev.test:4000",
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ]);
    expect(page.match(/<script|<style|\son\w+=|\sstyle=/g)).toEqual(['<style', '<script']);
  });

  test.each(['a;script-src *', 'a"><script>alert(1)</script>', "a'b", 'a b', 'a,b', 'http://a', 'a/b', 'ä'])(
    'takes no Host that would become part of its markup or policy: %s',
    async (host) => {
      const [status, policy, page] = await landing(development, host);
      expect([status, policy]).toEqual([400, 'undefined']);
      expect(page).not.toContain('<');
    },
  );

  test.each(['localhost:4000', '127.0.0.1', '[::1]:4000', 'my-machine.example.com'])(
    'is served to %s',
    async (host) => {
      expect((await landing(development, host))[2]).toContain(`<code>http://${host}/graphql</code>`);
    },
  );
});

/** What Apollo's hosted Sandbox does, page and all: it is of another origin. */
describe('Apollo’s hosted Sandbox', () => {
  const stages: [name: string, stage: () => TestGateway, isAllowed: boolean][] = [
    ['in development', () => development, true],
    ['in production', () => production, false],
  ];
  test.each(stages)('%s: the preflight request', async (_name, stage, isAllowed) => {
    const { status, headers } = await fetch(`${stage().gateway.url}/graphql`, {
      method: 'OPTIONS',
      headers: {
        origin: SANDBOX,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'accept,authorization,content-type',
        'access-control-request-private-network': 'true',
        'sec-fetch-mode': 'cors',
        'sec-fetch-site': 'cross-site',
      },
    });
    expect([status, headers.get('access-control-allow-origin')]).toEqual(isAllowed ? [204, SANDBOX] : [403, null]);
    const allowed = headers.get('access-control-allow-headers')?.split(', ') ?? [];
    expect(headers.get('access-control-allow-private-network')).toBe(isAllowed ? 'true' : null);
    expect(['accept', 'authorization', 'content-type'].every((name) => allowed.includes(name))).toBe(isAllowed);
    expect(headers.get('access-control-allow-methods')?.includes('POST') ?? false).toBe(isAllowed);
  });

  test.each(stages)('%s: a query', async (_name, stage, isAllowed) => {
    const { headers, status } = await stage().query('query Typename { __typename }', {
      origin: SANDBOX,
      accept: '*/*',
      authorization: `Bearer ${await stage().issuer.token()}`,
    });
    // A browser shows the page an answer that names its origin only, and sends nothing after a preflight that does not.
    expect([status, headers.get('access-control-allow-origin')]).toEqual(isAllowed ? [200, SANDBOX] : [403, null]);
  });

  // As the protocol's documentation writes it: browsers ask before they send a quoted Accept header.
  test('in development: a subscription over multipart', async () => {
    const response = await fetch(`${development.gateway.url}/graphql`, {
      method: 'POST',
      headers: {
        origin: SANDBOX,
        'sec-fetch-site': 'cross-site',
        accept: 'multipart/mixed;boundary="graphql";subscriptionSpec="1.0", application/json',
        'content-type': 'application/json',
        authorization: `Bearer ${await development.issuer.token()}`,
      },
      body: JSON.stringify({ query: 'subscription { announced { id } }' }),
    });
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([200, SANDBOX]);
    expect(response.headers.get('content-type')).toMatch(/^multipart\/mixed; ?boundary="?graphql"?/);
    const { subscribers } = development.context.metrics;
    await eventually(async () => (await total(subscribers)) === 1);
    await development.sidecar.deliver('announced', { id: 'm1', type: 'a' });
    let text = '';
    for await (const chunk of (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes('"m1"')) break;
    }
    expect(text).toContain('"payload":{"data":{"announced":{"id":"m1"}}');
    await eventually(async () => (await total(subscribers)) === 0);
  });

  test.each(stages)('%s: a subscription over WebSocket', async (_name, stage, isAllowed) => {
    const url = `${stage().gateway.url.replace('http', 'ws')}/graphql`;
    const socket = new WebSocket(url, ['graphql-ws', 'graphql-transport-ws'], { origin: SANDBOX });
    const opened = await Promise.race([
      once(socket, 'open').then(() => true),
      once(socket, 'unexpected-response').then(([, { statusCode }]) => statusCode as number),
    ]);
    expect(opened).toBe(isAllowed || 403);
    if (!isAllowed) return;
    expect(socket.protocol).toBe('graphql-transport-ws');
    const next = async (): Promise<unknown> => JSON.parse(String((await once(socket, 'message'))[0]));
    // The headers of the operation come as connection parameters.
    const payload = { authorization: `Bearer ${await stage().issuer.token()}` };
    socket.send(JSON.stringify({ type: 'connection_init', payload }));
    expect(await next()).toEqual({ type: 'connection_ack' });
    socket.send(
      JSON.stringify({ id: '1', type: 'subscribe', payload: { query: 'subscription { announced { id } }' } }),
    );
    const { subscribers } = stage().context.metrics;
    await eventually(async () => (await total(subscribers)) === 1);
    await stage().sidecar.deliver('announced', { id: 'e1', type: 'a' });
    expect(await next()).toMatchObject({ id: '1', type: 'next', payload: { data: { announced: { id: 'e1' } } } });
    socket.terminate();
  });
});
