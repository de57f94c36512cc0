import { createAuthClient } from 'better-auth/client';
import { startSession, type Session } from './session.ts';

/** Signs users in. Its own cookie, which no script can read, is what outlives the page. */
export type Identity = {
  /** The session that the browser still has: undefined where nobody is signed in. */
  resume(): Promise<Session | undefined>;
  /** Reject with a message for the user. */
  signIn(credentials: { email: string; password: string }): Promise<Session>;
  signUp(user: { name: string; email: string; password: string }): Promise<Session>;
};

/** Asks the gateway who issues its tokens (RFC 9728): an identity server that speaks as Better Auth does. */
export async function findIdentity(): Promise<Identity> {
  const response = await fetch('/.well-known/oauth-protected-resource');
  if (!response.ok) throw new Error(`The gateway answered ${response.status}.`);
  const { authorization_servers: issuers } = (await response.json()) as { authorization_servers: string[] };
  const [issuer] = issuers;
  if (issuer === undefined) throw new Error('The gateway names no identity server.');
  return createIdentity(issuer);
}

function createIdentity(issuer: string): Identity {
  const client = createAuthClient({ baseURL: issuer, fetchOptions: { credentials: 'include' } });

  const token = async (): Promise<string | undefined> => {
    const { data, error } = await client.$fetch<{ token: string }>('/token');
    if (error && error.status !== 401) throw new Error('The identity server cannot be reached.');
    return data?.token;
  };
  const signOut = async (): Promise<void> => void (await client.signOut());
  const resume = async (): Promise<Session | undefined> => {
    const first = await token();
    return first === undefined ? undefined : startSession(first, token, signOut);
  };
  const signedIn = async (error: { message?: string | undefined } | null): Promise<Session> => {
    if (error) throw new Error(error.message ?? 'That did not work: try again.');
    const session = await resume();
    if (!session) throw new Error('The browser did not keep the session: are cookies allowed?');
    return session;
  };
  return {
    resume,
    signIn: async (credentials) => signedIn((await client.signIn.email(credentials)).error),
    signUp: async (user) => signedIn((await client.signUp.email(user)).error),
  };
}
