import { randomUUID } from 'node:crypto';
import { type Credentials, IdentityError, signIn, signUp } from '@todo/dev/identity/client';
import { forEach } from '@todo/service/limit';

/** A token is replaced when it has less than this left. */
const MARGIN_MS = 120_000;
const AT_ONCE = 4;

/** Signs up users, a few at a time. @throws with what to do where the identity server limits sign-ups */
export async function signUpUsers(identity: string, count: number): Promise<Credentials[]> {
  const users = Array.from({ length: count }, () => ({
    email: `soak-${randomUUID()}@example.com`,
    password: randomUUID(),
  }));
  try {
    await forEach(users, AT_ONCE, async (user) => void (await signUp(identity, { ...user, name: 'Soak' })));
  } catch (error) {
    if (!(error instanceof IdentityError) || error.status !== 429) throw error;
    throw new Error('the identity server limits sign-ups: start the stack with IDENTITY_RATE_LIMIT=off', {
      cause: error,
    });
  }
  return users;
}

/** Gives a valid token of each of the users, by index, signing in again when one is about to expire. */
export function createTokens(identity: string, users: Credentials[]): (user: number) => Promise<string> {
  const known = new Map<number, { token: Promise<string>; expires: number }>();
  const renew = (user: number): Promise<string> => {
    const entry = { token: signIn(identity, users[user] as Credentials), expires: Infinity };
    known.set(user, entry);
    entry.token.then(
      (token) => (entry.expires = expiryOf(token)),
      // Whoever waits for it is told; the next one asks again.
      () => known.delete(user),
    );
    return entry.token;
  };
  return (user) => {
    const found = known.get(user);
    return found && found.expires - Date.now() > MARGIN_MS ? found.token : renew(user);
  };
}

/** `exp` of a JWT, in milliseconds since 1970. */
function expiryOf(token: string): number {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
  return (JSON.parse(payload) as { exp: number }).exp * 1000;
}
