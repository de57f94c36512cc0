import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, importJWK, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import pg from 'pg';
import { ownAuth } from '@todo/dev/identity/part';
import { ready } from '../../stack/ready.ts';

/** A key pair (JWK, the private one) that the identity server shows, or showed. */
export type Key = { kid: string; alg: string; jwk: object };

const VARIABLE = 'SECURITY_SIGNING_KEY';

async function withJwks<T>(use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: ready().databases['identity'] as string });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

/** Has the identity server show one more key, which it signs nothing with itself, as it takes its newest. */
export async function addKey(kid: string = randomUUID()): Promise<Key> {
  const alg = 'EdDSA';
  const { publicKey, privateKey } = await generateKeyPair(alg, { crv: 'Ed25519', extractable: true });
  const [open, jwk] = await Promise.all([exportJWK(publicKey), exportJWK(privateKey)]);
  await withJwks((client) =>
    client.query(
      `insert into jwks (id, "publicKey", "privateKey", "createdAt") values ($1, $2, '{}', to_timestamp(0))`,
      [kid, JSON.stringify(open)],
    ),
  );
  return { kid, alg, jwk };
}

/** Has the identity server show a key no more. */
export async function removeKey({ kid }: Key): Promise<void> {
  await withJwks((client) => client.query('delete from jwks where id = $1', [kid]));
}

/** Keeps a key for the tests of this run; called before the gateway has seen a token. */
export async function shareKey(): Promise<void> {
  process.env[VARIABLE] = JSON.stringify(await addKey());
}

/** The key of this run, whose tokens the gateway takes for the issuer's, whatever they say. */
export const sharedKey = (): Key => JSON.parse(process.env[VARIABLE] ?? '') as Key;

export const seconds = (fromNow: number): number => Math.floor(Date.now() / 1000) + fromNow;

/** What a valid token says. */
export function validClaims(sub: string = randomUUID()): JWTPayload {
  const { issuer, audience } = ownAuth(Number(new URL(ready().urls.identity).port));
  return { iss: issuer, aud: audience, sub, iat: seconds(0), exp: seconds(900), scope: '' };
}

/** Signs claims as the issuer would. */
export async function sign(
  claims: JWTPayload,
  { key = sharedKey(), header = {} }: { key?: Key; header?: Partial<JWTHeaderParameters> } = {},
): Promise<string> {
  return new SignJWT(claims)
    .setProtectedHeader({ alg: key.alg, kid: key.kid, ...header })
    .sign(await importJWK(key.jwk, key.alg));
}

/** A user that nobody signed up: their id, and a token. */
export async function someone(claims: JWTPayload = {}): Promise<{ id: string; token: string }> {
  const id = claims.sub ?? `user-${randomUUID()}`;
  return { id, token: await sign({ ...validClaims(id), ...claims }) };
}
