import { randomUUID } from 'node:crypto';
import { signIn, signUp } from '@todo/dev/identity/client';
import { ready } from './ready.ts';

/** A signed-in user of the running stack. */
export type User = { id: string; email: string; password: string; token: string };

/** Signs up a new user, then signs in, as a person would. Where E2E_TOKEN is set, it is always the one whose token that is. */
export async function newUser({ phoneNumber }: { phoneNumber?: string } = {}): Promise<User> {
  const given = process.env['E2E_TOKEN'];
  if (given) return { id: subjectOf(given), email: '', password: '', token: given };
  const identity = ready().urls.identity;
  if (!identity)
    throw new Error('E2E_URL needs E2E_TOKEN, a token of a user, or E2E_IDENTITY_URL, where users can sign up');
  const credentials = { email: `user-${randomUUID()}@example.com`, password: randomUUID() };
  await signUp(identity, { ...credentials, name: 'A user', phoneNumber });
  const token = await signIn(identity, credentials);
  return { id: subjectOf(token), ...credentials, token };
}

/** Whose token it is. */
export function subjectOf(token: string): string {
  const [, payload = ''] = token.split('.');
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { sub: string }).sub;
}
