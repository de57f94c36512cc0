import { betterAuth } from 'better-auth';
import { jwt } from 'better-auth/plugins';
import type pg from 'pg';
import type { IdentityConfig } from './config.ts';

/** Users with e-mail and password, and signed tokens of 15 minutes for whoever is signed in. */
export const createAuth = (config: IdentityConfig, database: pg.Pool) =>
  betterAuth({
    appName: 'todo',
    baseURL: config.AUTH_ISSUER,
    secret: config.IDENTITY_SECRET,
    database,
    telemetry: { enabled: false },
    trustedOrigins: config.TRUSTED_ORIGINS,
    emailAndPassword: { enabled: true, minPasswordLength: 8 },
    // As it is given: nobody checks it here.
    user: { additionalFields: { phoneNumber: { type: 'string', required: false } } },
    rateLimit: { enabled: config.IDENTITY_RATE_LIMIT === 'on' },
    logger: { disableColors: true },
    plugins: [
      jwt({
        jwks: { keyPairConfig: { alg: 'EdDSA', crv: 'Ed25519' } },
        jwt: {
          issuer: config.AUTH_ISSUER,
          audience: config.AUTH_AUDIENCE,
          expirationTime: '15m',
          definePayload: ({ user }) => ({
            sub: user.id,
            email: user.email,
            name: user.name,
            ...(user['phoneNumber'] ? { phone_number: user['phoneNumber'] as string } : {}),
            scope: config.IDENTITY_ADMINS.has(user.email.toLowerCase()) ? 'admin' : '',
          }),
        },
      }),
    ],
  });
