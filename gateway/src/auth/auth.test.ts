import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { AUDIENCE, ISSUER, startIssuer, type TestIssuer } from '../testing/issuer.ts';
import { decodeIdentity, encodeIdentity, type Identity } from '@todo/service/identity';
import { createLogger } from '@todo/service/logger';
import { identifyWith } from './identify.ts';
import { createTokenVerifier, type Issuer, type VerifyToken } from './tokens.ts';

let issuer: TestIssuer;
let verify: VerifyToken;
beforeAll(async () => {
  issuer = await startIssuer();
  verify = verifier();
});
afterAll(() => issuer.stop());

const algorithms = ['ES256', 'RS256'];
const verifier = (settings: Partial<Issuer> = {}): VerifyToken => {
  const defaults = { issuer: ISSUER, audience: AUDIENCE, algorithms, maxStaleMs: 60_000, cooldownMs: 0 };
  return createTokenVerifier({ ...defaults, jwksUrl: issuer.jwksUrl, ...settings }, createLogger('test', 'silent'));
};
const now = (): number => Math.floor(Date.now() / 1000);
const unauthenticated = expect.objectContaining({ extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } });

const unavailable = expect.objectContaining({ extensions: { code: 'AUTH_UNAVAILABLE', http: { status: 503 } } });

describe('a token', () => {
  test('says who calls: subject, scopes, all claims', async () => {
    const { identity, expires } = await verify(await issuer.token({ scope: 'read  write', tenant: 't1' }));
    expect(identity).toEqual({
      sub: 'ada',
      scopes: ['read', 'write'],
      claims: expect.objectContaining({ sub: 'ada', tenant: 't1', scope: 'read  write' }),
    });
    expect(expires).toBeGreaterThan(Date.now());
  });

  test('without a scope has none', async () => {
    expect((await verify(await issuer.token())).identity?.scopes).toEqual([]);
  });

  test.each<[string, () => Promise<string>]>([
    ['expired', () => issuer.token({ exp: now() - 60 })],
    ['without expiry', () => issuer.token({ exp: undefined })],
    ['without subject', () => issuer.token({ sub: undefined })],
    ['not valid yet', () => issuer.token({ nbf: now() + 60 })],
    ['of another issuer', () => issuer.token({ iss: 'https://other.test' })],
    ['for another audience', () => issuer.token({ aud: 'other' })],
    ['signed with a shared secret', () => issuer.token({}, { alg: 'HS256' })],
    ['signed with an unknown key', () => issuer.token({}, { kid: 'unknown' })],
    ['with a signature cut off', async () => (await issuer.token()).slice(0, -10)],
    ['of no algorithm', async () => `${btoa('{"alg":"none"}')}.${btoa('{"sub":"ada"}')}.`],
    ['that is no token', async () => 'nonsense'],
    ['with an empty subject', () => issuer.token({ sub: '' })],
    ['with a subject that is no text', () => issuer.token({ sub: 7 as unknown as string })],
    [
      'that asks for an unknown extension',
      async () => `${btoa('{"alg":"ES256","crit":["x"],"x":1}')}.${btoa('{}')}.AA`,
    ],
    ['whose header is no object', async () => `${btoa('[1]')}.${btoa('{}')}.AA`],
    ['whose header is no JSON', async () => `${btoa('{')}.${btoa('{}')}.AA`],
    ['with an algorithm that is no text', async () => `${btoa('{"alg":["ES256"]}')}.${btoa('{}')}.AA`],
    ['with a key id that is no text', async () => `${btoa('{"alg":"ES256","kid":{"a":1}}')}.${btoa('{}')}.AA`],
    ['encrypted', async () => `${btoa('{"alg":"dir","enc":"A128GCM"}')}..AAAA.AAAA.AAAA`],
    ['of 100 kB', async () => issuer.token({ filler: 'x'.repeat(100_000) })],
  ])('%s is refused', async (_what, token) => {
    await expect(verify(await token())).rejects.toEqual(unauthenticated);
  });

  test('is verified once until it expires', async () => {
    const fresh = verifier();
    const token = await issuer.token();
    expect(await fresh(token)).toBe(await fresh(token));
  });

  test('keeps whatever its subject and claims hold, also on their way to a subgraph', async () => {
    const claims = JSON.parse('{"__proto__":{"admin":true},"constructor":1,"text":"\\u0000\\n\\ud800"}') as object;
    const sub = 'auth0|Ünï cödé"\\\n\u{1F600}';
    const { identity } = await verify(await issuer.token({ ...claims, sub }));
    expect(identity?.sub).toBe(sub);
    expect(Object.getPrototypeOf(identity?.claims)).toBe(Object.prototype);
    expect(decodeIdentity(encodeIdentity(identity as Identity))?.sub).toBe(sub);
  });

  test('of an algorithm that is not on the list is refused, whatever keys the issuer shows', async () => {
    await issuer.rotate('ES384');
    await expect(verifier()(await issuer.token())).rejects.toEqual(unauthenticated);
    const lenient = verifier({ algorithms: ['ES384'] });
    await expect(lenient(await issuer.token())).resolves.toHaveProperty('identity.sub', 'ada');
    await issuer.rotate();
    await expect(verifier()(await issuer.token())).resolves.toHaveProperty('identity.sub', 'ada');
  });
});

describe('the issuer’s keys', () => {
  test('are fetched anew for a rotated key; tokens of a withdrawn one no longer count, though they were verified', async () => {
    const old = await issuer.token();
    await verify(old);
    await issuer.rotate();
    await expect(verify(await issuer.token())).resolves.toHaveProperty('identity.sub', 'ada');
    await expect(verify(old)).rejects.toEqual(unauthenticated);
  });

  test('are fetched once in the cooldown, however many tokens name unknown ones', async () => {
    const patient = verifier({ cooldownMs: 60_000 });
    await patient(await issuer.token());
    const before = issuer.fetched();
    const unknown = await Promise.all(Array.from({ length: 50 }, (_, i) => issuer.token({}, { kid: `unknown${i}` })));
    for (const token of unknown) await expect(patient(token)).rejects.toEqual(unauthenticated);
    await Promise.allSettled(unknown.map((token) => patient(token)));
    expect(issuer.fetched()).toBe(before);
    const hasty = verifier();
    await hasty(await issuer.token());
    const then = issuer.fetched();
    const refused = await Promise.allSettled(unknown.map((token) => hasty(token)));
    expect(refused.every(({ status }) => status === 'rejected')).toBe(true);
    expect(issuer.fetched()).toBe(then + 1);
  });

  test('do not keep good tokens waiting while they are fetched for a bad one', async () => {
    const hasty = verifier();
    await hasty(await issuer.token());
    const release = issuer.hold();
    const bad = hasty(await issuer.token({}, { kid: 'unknown' }));
    await expect(hasty(await issuer.token({ jti: 'another' }))).resolves.toHaveProperty('identity.sub', 'ada');
    release();
    await expect(bad).rejects.toEqual(unauthenticated);
  });

  test('go on being used while the issuer is away, up to the stated time', async () => {
    const now = jest.spyOn(performance, 'now');
    try {
      const start = performance.now();
      const loyal = verifier({ maxStaleMs: 3600_000 });
      await loyal(await issuer.token({ jti: '1' }));
      issuer.fail(true);
      now.mockImplementation(() => start + 3500_000);
      await expect(loyal(await issuer.token({ jti: '2' }))).resolves.toHaveProperty('identity.sub', 'ada');
      await expect(loyal(await issuer.token({}, { kid: 'new' }))).rejects.toEqual(unavailable);
      now.mockImplementation(() => start + 3700_000);
      await expect(loyal(await issuer.token({ jti: '3' }))).rejects.toEqual(unavailable);
      issuer.fail(false);
      await expect(loyal(await issuer.token({ jti: '4' }))).resolves.toHaveProperty('identity.sub', 'ada');
    } finally {
      now.mockRestore();
      issuer.fail(false);
    }
  });

  test('that cannot be had are not the caller’s fault, and not asked for again with each token', async () => {
    issuer.fail(true);
    try {
      const blind = verifier({ cooldownMs: 60_000 });
      const before = issuer.fetched();
      for (let i = 0; i < 5; i++) await expect(blind(await issuer.token({ jti: `${i}` }))).rejects.toEqual(unavailable);
      expect(issuer.fetched()).toBe(before + 1);
    } finally {
      issuer.fail(false);
    }
  });
});

describe('an authorization', () => {
  test('is needed where AUTH is required', async () => {
    await expect(identifyWith(verify, true)(undefined)).rejects.toEqual(unauthenticated);
    await expect(identifyWith(verify, false)(undefined)).resolves.toHaveProperty('identity', undefined);
  });

  test('is a bearer token, whatever the case of the word', async () => {
    const token = await issuer.token();
    await expect(identifyWith(verify, true)(`bearer ${token}`)).resolves.toHaveProperty('identity.sub', 'ada');
    await expect(identifyWith(verify, true)(`Basic ${token}`)).rejects.toEqual(unauthenticated);
  });

  test('that is bad is refused also where none is needed', async () => {
    await expect(identifyWith(verify, false)('Bearer nonsense')).rejects.toEqual(unauthenticated);
  });
});
