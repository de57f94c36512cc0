import { randomUUID } from 'node:crypto';
import { signIn, signUp } from '@todo/dev/identity/client';
import { ready } from './ready.ts';

/** A signed-in user of the running stack. */
export type User = { id: string; email: string; password: string; token: string };

/** Signs up a new user, then signs in, as a person would. */
export async function newUser({ phoneNumber }: { phoneNumber?: string } = {}): Promise<User> {
  const identity = ready().urls.identity;
  const credentials = { email: `user-${randomUUID()}@example.com`, password: randomUUID() };
  await signUp(identity, { ...credentials, name: 'A user', phoneNumber });
  const token = await signIn(identity, credentials);
  const [, payload = ''] = token.split('.');
  const { sub } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string };
  return { id: sub, ...credentials, token };
}
