import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect } from '@jest/globals';
import { exportSPKI, generateKeyPair, importJWK, SignJWT, UnsecuredJWT } from 'jose';
import { ownAuth } from '@todo/dev/identity/part';
import { eventually } from '../stack/eventually.ts';
import { startOwnGateway } from '../stack/own-gateway.ts';
import { ready } from '../stack/ready.ts';
import { attack, tally } from './tools/attack.ts';
import { connect, freshAddress, openWebSocket, overHttp, refused, transports } from './tools/client.ts';
import { addKey, type Key, removeKey, seconds, sharedKey, sign, someone, validClaims } from './tools/issuer.ts';

const ME = { query: '{ me { id } }' };
const WATCH = { query: 'subscription { taskReminder { id } }' };
const VICTIM = 'the-victim';

const segment = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const publicPart = (): { x: string } => (({ x }) => ({ x }))(sharedKey().jwk as { x: string });
const spki = async (): Promise<string> =>
  exportSPKI(
    (await importJWK({ kty: 'OKP', crv: 'Ed25519', ...publicPart() }, 'EdDSA')) as Parameters<typeof exportSPKI>[0],
  );
const hmac = async (secret: string | Uint8Array): Promise<string> =>
  new SignJWT(validClaims(VICTIM))
    .setProtectedHeader({ alg: 'HS256', kid: sharedKey().kid })
    .sign(typeof secret === 'string' ? new TextEncoder().encode(secret) : secret);
const withoutSignature = async (): Promise<string> => {
  const [head, payload] = (await sign(validClaims(VICTIM))).split('.');
  return `${head}.${payload}.`;
};
const otherPayload = async (): Promise<string> => {
  const [head, , signature] = (await sign(validClaims())).split('.');
  return `${head}.${segment(validClaims(VICTIM))}.${signature}`;
};
const byOwnKey = async (header: object): Promise<string> => {
  const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
  const jwk = (await crypto.subtle.exportKey('jwk', publicKey)) as object;
  return new SignJWT(validClaims(VICTIM))
    .setProtectedHeader({ alg: 'EdDSA', kid: sharedKey().kid, ...(header === JWK ? { jwk } : header) })
    .sign(privateKey);
};
const JWK = {};

const claims =
  (changed: object): (() => Promise<string>) =>
  async () =>
    sign({ ...validClaims(VICTIM), ...changed });

const tokens: [what: string, token: () => Promise<string>][] = [
  ['of the algorithm none', async () => new UnsecuredJWT(validClaims(VICTIM)).encode()],
  ['of the algorithm None, with a signature', async () => `${segment({ alg: 'None' })}.${segment(validClaims())}.AAAA`],
  ['whose signature is cut off', withoutSignature],
  ['whose payload was exchanged', otherPayload],
  ['signed by HMAC with the public key, as PEM', async () => hmac(await spki())],
  ['signed by HMAC with the public key, as it is in the key set', async () => hmac(publicPart().x)],
  ['signed by HMAC with the bytes of the public key', async () => hmac(Buffer.from(publicPart().x, 'base64url'))],
  ['signed by HMAC with an empty secret', async () => `${segment({ alg: 'HS256' })}.${segment(validClaims())}.`],
  ['signed by another key under the issuer’s key id', async () => byOwnKey({})],
  ['that brings its own key along (jwk)', async () => byOwnKey(JWK)],
  [
    'that says where its key is (jku)',
    async () => byOwnKey({ jku: 'http://127.0.0.1:1/keys', x5u: 'http://127.0.0.1:1' }),
  ],
  ['whose key id is a path', async () => byOwnKey({ kid: '../../../../dev/null' })],
  ['whose key id is SQL', async () => byOwnKey({ kid: "' or '1'='1" })],
  ['of another issuer', claims({ iss: 'https://evil.example' })],
  ['of another issuer beside the right one', claims({ iss: ['http://localhost:4005', 'https://evil.example'] })],
  ['without an issuer', claims({ iss: undefined })],
  ['for another audience', claims({ aud: 'another-service' })],
  ['without an audience', claims({ aud: undefined })],
  ['that has expired', claims({ exp: seconds(-60) })],
  ['that never expires', claims({ exp: undefined })],
  ['whose expiry is text', claims({ exp: '9999999999' })],
  ['that is not valid yet', claims({ nbf: seconds(120) })],
  ['without a subject', claims({ sub: undefined })],
  ['whose subject is a list', claims({ sub: [VICTIM] })],
  ['of 100 kB', claims({ filler: 'x'.repeat(100_000) })],
  ['of 15 kB that is expired', claims({ filler: 'x'.repeat(10_000), exp: seconds(-60) })],
  ['that is no JWT', async () => 'nonsense'],
  ['with five parts (JWE)', async () => `${segment({ alg: 'dir', enc: 'A128GCM' })}..AAAA.AAAA.AAAA`],
];

// What takes as long as the gateway's patience with its issuer (30 s) goes on beside the others.
let rotated: Promise<string>;
beforeAll(async () => {
  const key = await addKey();
  rotated = rotation(key);
  rotated.catch(() => {}); // its test tells
});

/** A key that comes is taken; one that is withdrawn is not, also for a token that was taken before. */
async function rotation(key: Key): Promise<string> {
  const from = freshAddress();
  const old = await sign(validClaims('of-the-old-key'), { key });
  await eventually(
    async () => expect((await overHttp(ME, { token: old, from: freshAddress() })).status).toBe(200),
    60_000,
  );
  await removeKey(key);
  const next = await addKey();
  const anew = await sign(validClaims('of-the-next-key'), { key: next });
  await eventually(
    async () => expect((await overHttp(ME, { token: anew, from: freshAddress() })).status).toBe(200),
    60_000,
  );
  const cameBack = refused(await overHttp(ME, { token: old, from }), 'UNAUTHENTICATED');
  await removeKey(next);
  return cameBack;
}

describe.each(transports)('over %s', (transport, over) => {
  for (const [what, token] of tokens)
    attack(`a token ${what}, over ${transport}`, async () =>
      // Longer headers than 16 KiB Node itself refuses, before anybody sees them.
      tooLong(await over(ME, { token: await token(), from: freshAddress() })),
    );

  attack(`no token, over ${transport}`, async () =>
    refused(await over(ME, { from: freshAddress() }), 'UNAUTHENTICATED'),
  );

  attack(`other schemes than Bearer, over ${transport}`, async () => {
    const { token } = await someone();
    const told: string[] = [];
    for (const authorization of [`Basic ${token}`, token, `Bearer ${token} ${token}`, `Bearer`, `Token ${token}`])
      told.push(refused(await over(ME, { headers: { authorization }, from: freshAddress() }), 'UNAUTHENTICATED'));
    return tally(told);
  });
});

function tooLong(answer: Awaited<ReturnType<typeof overHttp>>): string {
  if (answer.status !== 431) return refused(answer, 'UNAUTHENTICATED');
  return '431 Request Header Fields Too Large';
}

describe('subscriptions', () => {
  for (const [what, token] of tokens.filter(([name]) => /none|public key, as PEM|expired|issuer’s key id/.test(name)))
    for (const [transport, over] of transports.filter(([name]) => name !== 'HTTP' && name !== 'HTTP GET'))
      attack(`a stream with a token ${what}, over ${transport}`, async () =>
        refused(await over(WATCH, { token: await token(), from: freshAddress() }), 'UNAUTHENTICATED'),
      );
});

attack('a ping that brings another user’s token to an open connection', async () => {
  const [mallory, victim] = await Promise.all([someone(), someone()]);
  const client = await connect({ token: mallory.token });
  client.send({ type: 'ping', payload: { authorization: `Bearer ${victim.token}` } });
  const { code, reason } = await client.closed;
  expect([code, reason]).toEqual([4403, expect.stringMatching(/another user/)]);
  return `closed ${code}`;
});

attack('a ping that brings a forged token to an open connection', async () => {
  const mallory = await someone();
  const client = await connect({ token: mallory.token, from: freshAddress() });
  client.send({ type: 'ping', payload: { authorization: `Bearer ${await byOwnKey({})}` } });
  const { code } = await client.closed;
  expect(code).toBe(4403);
  return `closed ${code}`;
});

attack('operations on a connection whose token has expired', async () => {
  const { token } = await someone({ exp: seconds(2) });
  const client = await connect({ token });
  client.send({ id: 'stream', type: 'subscribe', payload: WATCH });
  const { code } = await client.closed;
  expect(code).toBe(4403);
  return `closed ${code}`;
});

attack('connection_init twice, and operations before it', async () => {
  const mallory = await someone();
  const twice = await connect({ token: mallory.token });
  twice.send({ type: 'connection_init', payload: { authorization: `Bearer ${mallory.token}` } });
  const first = await twice.closed;
  expect(first.code).toBe(4429);
  const early = await openWebSocket();
  early.send({ id: '1', type: 'subscribe', payload: ME });
  const second = await early.closed;
  expect(second.code).toBe(4401);
  return tally([`closed ${first.code}`, `closed ${second.code}`]);
});

attack(
  'a flood of unknown key ids, to have the gateway ask the issuer each time',
  async () => {
    let fetches = 0;
    const auth = ownAuth(Number(new URL(ready().urls.identity).port));
    const issuer = createServer((_request, response) => {
      fetches += 1;
      void fetch(auth.jwksUrl).then(async (keys) =>
        response.setHeader('content-type', 'application/json').end(await keys.text()),
      );
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => issuer.once('listening', resolve));
    const gateway = await startOwnGateway({
      AUTH_JWKS_URL: `http://127.0.0.1:${(issuer.address() as AddressInfo).port}`,
      HOST: '0.0.0.0',
    });
    try {
      const url = gateway.graphql.replace('0.0.0.0', '127.0.0.1');
      const begin = performance.now();
      const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
      const told: string[] = [];
      for (let round = 0; round < 50; round++) {
        const forged = await Promise.all(
          Array.from({ length: 20 }, (_, i) =>
            new SignJWT(validClaims(VICTIM))
              .setProtectedHeader({ alg: 'EdDSA', kid: `k${round}-${i}` })
              .sign(privateKey),
          ),
        );
        const answers = await Promise.all(forged.map((token) => overHttp(ME, { token, url, from: '127.0.0.1' })));
        told.push(...answers.map((answer) => refused(answer, 'UNAUTHENTICATED', 'RATE_LIMITED')));
      }
      const took = (performance.now() - begin) / 1000;
      // One at the start, one for the first unknown key, then one every 30 seconds.
      expect(fetches).toBeLessThanOrEqual(2 + Math.ceil(took / 30));
      const good = await someone();
      expect((await overHttp(ME, { token: good.token, url })).status).toBe(200);
      const { cameBack, inputs } = tally(told);
      return { cameBack: `${cameBack}; the issuer was asked ${fetches} times`, inputs };
    } finally {
      await gateway.stop();
      issuer.close();
      issuer.closeAllConnections();
    }
  },
  90_000,
);

attack('a token of a key that was withdrawn, which was taken before', async () => rotated, 150_000);

afterAll(async () => {
  await rotated.catch(() => {});
});
