import { createHash } from 'node:crypto';
import { describe, expect } from '@jest/globals';
import { gateways } from '../stack/replicas.ts';
import { withReplica } from '../stack/with-replica.ts';
import { attack, tally } from './tools/attack.ts';
import {
  connect,
  freshAddress,
  type Headers,
  openWebSocket,
  overGet,
  overHttp,
  pause,
  refused,
  send,
  transports,
} from './tools/client.ts';
import { sign, someone, validClaims } from './tools/issuer.ts';

withReplica();

const ME = { query: '{ __typename }' };
const QUOTA = 600;
/** An attack takes less, also on a busy machine. */
const ENOUGH_SECONDS = 25;

/** What is left of a caller's quota, and for how long. */
async function quotaOf(sender: { token?: string; from?: string }): Promise<{ status: number; seconds: number }> {
  const { status, headers } = await send({
    headers: { 'content-type': 'application/json', ...(sender.token && { authorization: `Bearer ${sender.token}` }) },
    body: JSON.stringify(ME),
    from: sender.from,
  });
  return { status, seconds: Number(/t=(\d+)/.exec(String(headers['ratelimit']))?.[1]) };
}

/** Uses up a user's quota over one WebSocket, so that its minute goes on for a while yet. @returns how many operations it took */
async function useUp(token: string): Promise<number> {
  const { seconds } = await quotaOf({ token });
  if (seconds < ENOUGH_SECONDS) {
    await pause((seconds + 1) * 1000);
    return useUp(token);
  }
  const client = await connect({ token });
  let passed = 1;
  for (let sent = 0; ; sent += 50) {
    const ids = Array.from({ length: 50 }, (_, i) => `${sent + i}`);
    for (const id of ids) client.send({ id, type: 'subscribe', payload: ME });
    await Promise.all(ids.map((id) => client.next((message) => message.id === id && message.type !== 'complete')));
    passed += client.messages.filter(({ id, type }) => type === 'next' && ids.includes(id)).length;
    if (client.messages.some(({ type }) => type === 'error')) break;
  }
  client.socket.terminate();
  return passed;
}

describe('a user whose quota is used up', () => {
  attack(
    'operations over every transport, with headers that proxies set, at both replicas, by new connections and tokens',
    async () => {
      const { id, token } = await someone();
      const [, replica] = gateways();
      const passed = await useUp(token);
      expect(passed).toBe(QUOTA);
      const told: string[] = [];
      const isLimited = async (answer: ReturnType<typeof overHttp>): Promise<void> =>
        void told.push(refused(await answer, 'RATE_LIMITED'));
      for (const [, over] of transports) {
        await isLimited(over(ME, { token }));
        await isLimited(over(ME, { token, url: replica.graphql }));
        await isLimited(over({ query: '{ a: __typename b: __typename }' }, { token, from: freshAddress() }));
        await isLimited(over({ query: 'subscription { taskReminder { id } }' }, { token }));
      }
      const tricks: Headers[] = [
        { 'x-forwarded-for': '203.0.113.9' },
        { forwarded: 'for=203.0.113.9' },
        { 'x-real-ip': '203.0.113.9' },
        { 'x-client-ip': '203.0.113.9', 'cf-connecting-ip': '203.0.113.9', 'true-client-ip': '203.0.113.9' },
        { 'x-identity': Buffer.from('{"sub":"other","scopes":[],"claims":{}}').toString('base64url') },
        { 'x-http-method-override': 'GET', 'x-original-url': '/healthz' },
        { host: 'other.example' },
        { 'user-agent': 'kube-probe/1.0', 'idempotency-key': 'x' },
        { ratelimit: '"operations";r=999;t=60' },
        { connection: 'close', 'cache-control': 'no-cache' },
      ];
      for (const headers of tricks) await isLimited(overHttp(ME, { token, headers }));
      // Other tokens of the same user, and the same subject in other claims.
      for (const more of [{}, { jti: 'new' }, { scope: 'admin' }, { azp: 'another-client', sid: 'another' }])
        await isLimited(overHttp(ME, { token: await sign({ ...validClaims(id), ...more }) }));
      const hash = createHash('sha256').update(ME.query).digest('hex');
      await isLimited(overGet({ ...ME, extensions: { persistedQuery: { version: 1, sha256Hash: hash } } }, { token }));
      await isLimited(overHttp({ ...ME, operationName: 'x' }, { token }));
      const cookie = await send({
        headers: { 'content-type': 'application/json', cookie: `__Host-session=${token}` },
        body: JSON.stringify(ME),
      });
      expect([cookie.status, cookie.text]).toEqual([429, expect.stringMatching(/RATE_LIMITED/)]);
      told.push('429 RATE_LIMITED');
      // Its neighbours are served.
      const other = await someone();
      expect((await overHttp(ME, { token: other.token })).status).toBe(200);
      const { cameBack, inputs } = tally(told);
      return { cameBack: `after ${passed} operations: ${cameBack}`, inputs };
    },
    150_000,
  );

  attack('a batch, which would be one request', async () => {
    const { token } = await someone();
    const { status, text } = await send({
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(Array.from({ length: 100 }, () => ME)),
    });
    expect([status, text]).toEqual([400, expect.stringMatching(/"code":"BAD_REQUEST"/)]);
    return '400 BAD_REQUEST';
  });
});

describe('an address that guesses tokens', () => {
  attack(
    'guesses over HTTP, WebSocket and event streams, under forwarded addresses',
    async () => {
      const from = freshAddress();
      const told: string[] = [];
      for (;;) {
        const { status, seconds } = await quotaOf({ from, token: 'nonsense' });
        told.push(`${status}`);
        if (status === 429) break;
        expect(status).toBe(401);
        if (seconds < ENOUGH_SECONDS && told.length > QUOTA) throw new Error('it is never limited');
        const more = await Promise.all(Array.from({ length: 20 }, () => overHttp(ME, { from, token: 'nonsense' })));
        told.push(...more.map((answer) => `${answer.status}`));
      }
      // One minute's and, where it ended meanwhile, another's.
      expect(told.filter((status) => status === '401').length).toBeLessThanOrEqual(2 * QUOTA);
      for (const headers of [{}, { 'x-forwarded-for': freshAddress() }, { forwarded: 'for=1.2.3.4' }] as Headers[])
        for (const [, over] of transports) {
          const answer = await over(ME, { from, token: `nonsense-${Math.random()}`, headers });
          const told429 = refused(answer, 'RATE_LIMITED', 'UNAUTHENTICATED');
          told.push(told429);
        }
      // A good token does not depend on it.
      expect((await overHttp(ME, { from, token: (await someone()).token })).status).toBe(200);
      return tally(
        told.map((one) => (one === '401' ? '401 UNAUTHENTICATED' : one === '429' ? '429 RATE_LIMITED' : one)),
      );
    },
    150_000,
  );

  attack('more sockets than an address may have', async () => {
    const from = freshAddress();
    const { token } = await someone();
    const sockets = await Promise.all(Array.from({ length: 40 }, async () => connect({ token, from })));
    expect(sockets.every((client) => !client.isClosed())).toBe(true);
    for (const client of sockets) client.socket.terminate();
    // The limit itself (1,000) is tried with the idle sockets.
    expect(openWebSocket).toBeDefined();
    return { cameBack: 'open, and counted', inputs: 40 };
  });
});
