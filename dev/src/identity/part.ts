import { join } from 'node:path';
import type { Part } from '../parts/part.ts';
import { stages } from '../parts/part.ts';
import { answers } from '../parts/wait.ts';
import type { Auth } from '../start/infrastructure.ts';
import { inheritedEnv } from '../start/stack.ts';
import type { Stack } from '../start/stack.ts';

/** The demo users: `admin` is an administrator unless IDENTITY_ADMINS names others. */
export const demoUser = { email: 'demo@example.com', name: 'Demo' };
export const adminUser = { email: 'admin@example.com', name: 'Admin' };

/**
 * The identity provider that the environment names.
 * @returns undefined when it names none, so that the own one is to be started
 * @throws when it names half of one
 */
export const givenAuth = (env: NodeJS.ProcessEnv): Auth | undefined => {
  const values = [env['AUTH_ISSUER'], env['AUTH_JWKS_URL'], env['AUTH_AUDIENCE']].map((value) => value || undefined);
  const [issuer, jwksUrl, audience] = values;
  if (issuer !== undefined && jwksUrl !== undefined && audience !== undefined) return { issuer, jwksUrl, audience };
  if (values.some((value) => value !== undefined)) {
    throw new Error('AUTH_ISSUER, AUTH_JWKS_URL and AUTH_AUDIENCE name an identity provider only together');
  }
  return undefined;
};

/** What the own identity server is known as. */
export const ownAuth = (port: number): Auth => ({
  issuer: `http://localhost:${port}`,
  jwksUrl: `http://127.0.0.1:${port}/api/auth/jwks`,
  audience: 'todo',
});

/** Starts the own identity server on its database. */
export const startIdentity = async (stack: Stack, databaseUrl: string): Promise<void> => {
  const { ports, secrets, supervisor, signal } = stack;
  const auth = ownAuth(ports.identity);
  const part: Part = {
    name: 'identity',
    command: process.execPath,
    args: [join(stack.root, 'dev', 'src', 'identity', 'main.ts')],
    env: {
      ...inheritedEnv(stack.env),
      PORT: String(ports.identity),
      DATABASE_URL: databaseUrl,
      IDENTITY_SECRET: secrets.identitySecret,
      IDENTITY_ADMINS: stack.env['IDENTITY_ADMINS'] ?? adminUser.email,
      AUTH_ISSUER: auth.issuer,
      AUTH_AUDIENCE: auth.audience,
    },
    port: ports.identity,
    stage: stages.identity,
    stopSignal: 'SIGTERM',
    isReady: answers(`http://127.0.0.1:${ports.identity}/healthz`),
    readyWithinMs: 60_000,
    stopWithinMs: 5000,
  };
  await supervisor.start(part, signal);
};
