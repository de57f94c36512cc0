import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Stop } from '@todo/service/shutdown';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';

export const ISSUER = 'https://issuer.test';
export const AUDIENCE = 'graph';

/** An issuer of tokens for tests, with its keys on loopback. */
export type TestIssuer = {
  jwksUrl: string;
  /** How often the keys were fetched. */
  fetched: () => number;
  /** A token for `ada`, valid for ten minutes; claims and header can be had otherwise. */
  token: (claims?: JWTPayload, header?: { alg?: string; kid?: string }) => Promise<string>;
  /** Signs with a new key from now on, and no longer shows the old one. */
  rotate: (alg?: 'ES256' | 'ES384') => Promise<void>;
  /** From now on the keys are not to be had, or are again. */
  fail: (fails: boolean) => void;
  /** Holds answers back until the returned function is called. */
  hold: () => () => void;
  stop: Stop;
};

export async function startIssuer(): Promise<TestIssuer> {
  let revision = 0;
  let key = await newKey(revision);
  let fetched = 0;
  let fails = false;
  let held: Promise<void> | undefined;
  const server = createServer((_request, response) => {
    fetched++;
    void (async () => {
      await held;
      response.statusCode = fails ? 500 : 200;
      response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [key.jwk] }));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`,
    fetched: () => fetched,
    token: async (claims = {}, header = {}) => {
      const protectedHeader = { alg: header.alg ?? key.jwk.alg, kid: header.kid ?? key.jwk.kid };
      const payload = { sub: 'ada', iss: ISSUER, aud: AUDIENCE, exp: Math.floor(Date.now() / 1000) + 600, ...claims };
      const secret = protectedHeader.alg === 'HS256' ? new TextEncoder().encode('x'.repeat(32)) : key.privateKey;
      return new SignJWT(payload).setProtectedHeader(protectedHeader).sign(secret);
    },
    rotate: async (alg = 'ES256') => {
      key = await newKey(++revision, alg);
    },
    fail: (now) => {
      fails = now;
    },
    hold: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return () => {
        held = undefined;
        resolve();
      };
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function newKey(revision: number, alg = 'ES256') {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid: `k${revision}`, alg, use: 'sig' } };
}
