import { z } from 'zod';

/** The identity server's settings. */
export const identityConfig = z.object({
  PORT: z.coerce.number().int(),
  HOST: z.string().default('127.0.0.1').describe('address to listen on'),
  DATABASE_URL: z.url().describe('its own database'),
  IDENTITY_SECRET: z.string().min(32).describe('what sessions and the signing key are sealed with'),
  AUTH_ISSUER: z.url().describe('its own URL, which tokens name'),
  AUTH_AUDIENCE: z.string().min(1).describe('whom tokens are for'),
  IDENTITY_ADMINS: z
    .string()
    .default('')
    .transform((list) => new Set(list.split(',').map((email) => email.trim().toLowerCase())))
    .describe('e-mail addresses whose users are administrators, comma-separated: create those users first'),
  TRUSTED_ORIGINS: z
    .string()
    .default('http://localhost:4000')
    .transform((list) => list.split(',').map((origin) => origin.trim()))
    .pipe(z.array(z.url({ protocol: /^https?$/ })))
    .describe('origins of pages that may sign users in, comma-separated'),
  IDENTITY_RATE_LIMIT: z.enum(['on', 'off']).default('on').describe('off lets tests sign in as often as they like'),
});

export type IdentityConfig = z.infer<typeof identityConfig>;
