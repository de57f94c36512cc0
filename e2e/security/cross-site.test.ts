import { describe, expect } from '@jest/globals';
import { ok } from '../stack/graphql.ts';
import { ready } from '../stack/ready.ts';
import { attack, expectNothingLeaked, tally } from './tools/attack.ts';
import { freshAddress, type Headers, openWebSocket, send } from './tools/client.ts';
import { seconds, someone } from './tools/issuer.ts';

const COOKIE = '__Host-session';
const EVIL = 'https://evil.example';
const LISTED = 'https://app.example';
const JSON_TYPE = { 'content-type': 'application/json' };
const ME = JSON.stringify({ query: '{ me { id } }' });
const MUTATION = JSON.stringify({ query: 'mutation { createTask(input: { title: "by a foreign page" }) { id } }' });
const session = (): string => ready().urls.graphql.replace('/graphql', '/session');
const search = (query: string): string => `${ready().urls.graphql}?${new URLSearchParams({ query })}`;

const cookieOf = ({ token }: { token: string }): Headers => ({ cookie: `${COOKIE}=${token}` });
const codeIn = (text: string): string => /"code":"(\w+)"/.exec(text)?.[1] ?? 'no code';

/** Expects a refusal by status and code, and gives it in a few words. */
function expectRefused({ status, text }: { status: number; text: string }, ...expected: string[]): string {
  const told = `${status} ${codeIn(text)}`;
  expect(expected).toContain(told);
  expect(text).not.toMatch(/"data":\{/);
  expectNothingLeaked(text);
  return told;
}

const FOREIGN: [what: string, headers: Headers][] = [
  ['of another site', { origin: EVIL }],
  ['without an origin (sandboxed)', { origin: 'null' }],
  ['of a look-alike origin', { origin: `${LISTED}.evil.example` }],
  ['of a listed host over http', { origin: 'http://app.example' }],
  ['of another port', { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' }],
  ['of a subdomain', { origin: 'https://x.app.example' }],
  ['of an origin in capitals', { origin: 'HTTPS://EVIL.EXAMPLE' }],
  ['that shows no origin', { 'sec-fetch-site': 'cross-site' }],
  ['of the same site that shows no origin', { 'sec-fetch-site': 'same-site' }],
];

describe('a victim’s cookie, sent along by a page', () => {
  for (const [what, headers] of FOREIGN) {
    attack(`a WebSocket of a page ${what}`, async () => {
      const victim = await someone();
      const opening = openWebSocket({ headers: { ...cookieOf(victim), ...headers } });
      await expect(opening).rejects.toThrow('403 FORBIDDEN');
      return '403 FORBIDDEN, no WebSocket';
    });

    attack(`operations and streams of a page ${what}`, async () => {
      const victim = await someone();
      const cookie = cookieOf(victim);
      const told: string[] = [];
      for (const body of [ME, MUTATION])
        for (const accept of ['application/json', 'text/event-stream', 'multipart/mixed;subscriptionSpec=1.0'])
          told.push(
            expectRefused(
              await send({ headers: { ...JSON_TYPE, accept, ...cookie, ...headers }, body }),
              '403 FORBIDDEN',
            ),
          );
      const got = await send({
        url: search('{ me { id } }'),
        method: 'GET',
        headers: { accept: 'text/event-stream', ...cookie, ...headers },
      });
      told.push(expectRefused(got, '403 FORBIDDEN'));
      const { status } = await send({ url: session(), method: 'DELETE', headers: { ...cookie, ...headers } });
      expect(status).toBe(403);
      const preflight = await send({
        method: 'OPTIONS',
        headers: { ...headers, 'access-control-request-method': 'POST' },
      });
      expect(preflight.headers['access-control-allow-origin']).toBeUndefined();
      expect(await ok(victim as never, '{ tasks { nodes { id } } }')).toEqual({ tasks: { nodes: [] } });
      return tally([...told, `${status}`, `${preflight.status}`]);
    });
  }

  attack('forms, and scripts without a preflight: content types of simple requests', async () => {
    const victim = await someone();
    const told: string[] = [];
    for (const type of [
      'text/plain',
      'text/plain; application/json',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'multipart/form-data; application/json',
      'text/plain;charset=application/json',
      '',
    ])
      for (const body of [
        MUTATION,
        `query=${encodeURIComponent('mutation { createTask(input: { title: "x" }) { id } }')}`,
        '--x\r\ncontent-disposition: form-data; name="query"\r\n\r\nmutation { createTask(input: { title: "x" }) { id } }\r\n--x--',
        `--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n${MUTATION}\r\n--x--`,
      ])
        // No origin, as of a browser that leaves it out: the type alone has to be enough.
        told.push(
          expectRefused(
            await send({ headers: { ...(type && { 'content-type': type }), ...cookieOf(victim) }, body }),
            '415 BAD_REQUEST',
            '400 BAD_REQUEST',
          ),
        );
    expect(await ok(victim as never, '{ tasks { nodes { id } } }')).toEqual({ tasks: { nodes: [] } });
    return tally(told);
  });

  attack('GETs that read, without a preflight: links, images, scripts, and timing them (XS-Search)', async () => {
    const victim = await someone();
    const told: string[] = [];
    for (const headers of [
      {},
      { accept: 'image/*' },
      { accept: '*/*', 'content-type': 'text/plain' },
      { 'content-type': 'application/x-www-form-urlencoded' },
      { 'content-type': 'message/rfc822' },
      { 'content-type': 'text/plain, application/json' },
      { 'content-type': 'application/json, text/plain' },
      { 'content-type': 'x/y;application/json' },
      { 'content-type': 'nonsense' },
    ] as Headers[])
      for (const query of ['{ me { id } }', '{ tasks(filter: { search: "a" }) { totalCount } }']) {
        const answer = await send({ url: search(query), method: 'GET', headers: { ...cookieOf(victim), ...headers } });
        told.push(expectRefused(answer, '400 BAD_REQUEST', '415 BAD_REQUEST'));
      }
    return tally(told);
  });

  attack('GETs that change something', async () => {
    const victim = await someone();
    const told: string[] = [];
    for (const headers of [
      {},
      { 'apollo-require-preflight': '1' },
      { 'apollo-require-preflight': '1', accept: 'text/event-stream' },
    ] as Headers[]) {
      const query = 'mutation { createTask(input: { title: "by a link" }) { id } }';
      const answer = await send({ url: search(query), method: 'GET', headers: { ...cookieOf(victim), ...headers } });
      // A stream's status was sent before its result.
      told.push(expectRefused(answer, '400 BAD_REQUEST', '405 BAD_REQUEST', '200 BAD_REQUEST'));
    }
    expect(await ok(victim as never, '{ tasks { nodes { id } } }')).toEqual({ tasks: { nodes: [] } });
    return tally(told);
  });

  attack('a second cookie of that name, which a neighbour site planted', async () => {
    const [victim, mallory] = await Promise.all([someone(), someone()]);
    const told: string[] = [];
    for (const pair of [
      [mallory, victim],
      [victim, mallory],
    ]) {
      const cookie = pair.map(({ token }) => `${COOKIE}=${token}`).join('; ');
      told.push(
        expectRefused(
          await send({ headers: { ...JSON_TYPE, cookie }, body: ME, from: freshAddress() }),
          '401 UNAUTHENTICATED',
        ),
      );
    }
    const { token } = mallory;
    for (const name of ['__host-session', 'session', '__Secure-session', ' __Host-session2'])
      told.push(
        expectRefused(
          await send({ headers: { ...JSON_TYPE, cookie: `${name}=${token}` }, body: ME, from: freshAddress() }),
          '401 UNAUTHENTICATED',
        ),
      );
    return tally(told);
  });
});

describe('/session', () => {
  attack('a cookie without its attributes', async () => {
    const { token } = await someone({ exp: seconds(600) });
    const { status, headers } = await send({ url: session(), headers: { authorization: `Bearer ${token}` } });
    const [pair, ...attributes] = (headers['set-cookie']?.[0] ?? '').split('; ');
    expect([status, pair]).toEqual([204, `${COOKIE}=${token}`]);
    expect(attributes.map((one) => one.replace(/=\d+$/, ''))).toEqual(
      expect.arrayContaining(['Max-Age', 'Path=/', 'HttpOnly', 'Secure', 'SameSite=Strict']),
    );
    expect(attributes.some((one) => /^domain/i.test(one))).toBe(false);
    expect(Number(/Max-Age=(\d+)/.exec(attributes.join())?.[1])).toBeLessThanOrEqual(600);
    return attributes.map((one) => one.replace(/=\d+$/, '')).join(', ');
  });

  attack('a page that plants its own token into the victim’s browser (login CSRF)', async () => {
    const { token } = await someone();
    const told: string[] = [];
    for (const [, headers] of FOREIGN) {
      const answer = await send({ url: session(), headers: { authorization: `Bearer ${token}`, ...headers } });
      expect(answer.headers['set-cookie']).toBeUndefined();
      told.push(expectRefused(answer, '403 FORBIDDEN'));
    }
    return tally(told);
  });

  attack('a cookie made from the cookie, to keep a session alive without its token', async () => {
    const answer = await send({ url: session(), headers: { ...cookieOf(await someone()) }, from: freshAddress() });
    expect(answer.headers['set-cookie']).toBeUndefined();
    return expectRefused(answer, '401 UNAUTHENTICATED');
  });
});

describe('answers', () => {
  attack('what caches and pages keep or sniff of an answer', async () => {
    const { token } = await someone();
    const { headers } = await send({ headers: { ...JSON_TYPE, authorization: `Bearer ${token}` }, body: ME });
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect(headers.vary).toMatch(/origin/);
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect(headers['server'] ?? headers['x-powered-by']).toBeUndefined();
    return 'no-store, nosniff, vary: origin';
  });

  attack('an origin that is reflected with credentials', async () => {
    const answer = await send({ headers: { ...JSON_TYPE, origin: LISTED }, body: ME, from: freshAddress() });
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': LISTED,
      'access-control-allow-credentials': 'true',
    });
    const told: string[] = [];
    for (const origin of [EVIL, 'null', '*', `${LISTED}@evil.example`, `${LISTED}%00.evil.example`]) {
      const { headers, status } = await send({ method: 'OPTIONS', headers: { origin } });
      expect([origin, status, headers['access-control-allow-origin']]).toEqual([origin, 403, undefined]);
      told.push('403, no CORS headers');
    }
    return tally(told);
  });

  attack('the page at /, framed or with a forged host', async () => {
    const origin = ready().urls.graphql.replace('/graphql', '/');
    const { headers, text } = await send({ url: origin, method: 'GET' });
    expect(headers['content-security-policy']).toMatch(/frame-ancestors 'none'/);
    expect(headers['content-security-policy']).toMatch(/default-src 'none'/);
    expectNothingLeaked(text.replaceAll(/127\.0\.0\.1:\d+/g, ''));
    const told: string[] = ['a policy without frames'];
    for (const host of ['evil.example"><script>', "x' y", 'a b', '<svg>']) {
      const answer = await send({ url: origin, method: 'GET', headers: { host } });
      expect(answer.text).not.toMatch(/<script>|<svg>/);
      told.push(expectRefused(answer, '400 BAD_REQUEST'));
    }
    return tally(told);
  });
});
