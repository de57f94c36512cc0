import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { AUDIENCE, ISSUER, startIssuer, type TestIssuer } from '../testing/issuer.ts';
import { identifyWith } from './identify.ts';
import { createTokenVerifier, type VerifyToken } from './tokens.ts';

let issuer: TestIssuer;
let verify: VerifyToken;
beforeAll(async () => {
  issuer = await startIssuer();
  verify = verifier();
});
afterAll(() => issuer.stop());

const verifier = (cooldownMs = 0): VerifyToken =>
  createTokenVerifier({ issuer: ISSUER, audience: AUDIENCE, jwksUrl: issuer.jwksUrl, cooldownMs });
const now = (): number => Math.floor(Date.now() / 1000);
const unauthenticated = expect.objectContaining({ extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } });

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
  ])('%s is refused', async (_what, token) => {
    await expect(verify(await token())).rejects.toEqual(unauthenticated);
  });

  test('is verified once until it expires', async () => {
    const fresh = verifier();
    const token = await issuer.token();
    expect(await fresh(token)).toBe(await fresh(token));
  });

  test('of a rotated key is accepted without a restart, and one of the old key no longer by newcomers', async () => {
    const old = await issuer.token();
    await verify(old);
    await issuer.rotate();
    await expect(verify(await issuer.token())).resolves.toHaveProperty('identity.sub', 'ada');
    await expect(verifier()(old)).rejects.toEqual(unauthenticated);
  });

  test('of an algorithm that is not on the list is refused, whatever keys the issuer shows', async () => {
    await issuer.rotate('ES384');
    await expect(verifier()(await issuer.token())).rejects.toEqual(unauthenticated);
    await issuer.rotate();
    await expect(verifier()(await issuer.token())).resolves.toHaveProperty('identity.sub', 'ada');
  });

  test('of an unknown key fetches the keys at most once in the cooldown', async () => {
    const patient = verifier(60_000);
    await patient(await issuer.token());
    const before = issuer.fetched();
    for (let i = 0; i < 3; i++)
      await expect(patient(await issuer.token({}, { kid: `unknown${i}` }))).rejects.toEqual(unauthenticated);
    expect(issuer.fetched() - before).toBeLessThanOrEqual(1);
  });

  test('cannot be verified while the keys cannot be had: that is not the caller’s fault', async () => {
    const blind = createTokenVerifier({ issuer: ISSUER, audience: AUDIENCE, jwksUrl: 'http://127.0.0.1:1/jwks' });
    await expect(blind(await issuer.token())).rejects.toHaveProperty('extensions.code', 'AUTH_UNAVAILABLE');
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
