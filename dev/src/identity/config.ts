import { z } from 'zod';

const schema = z.object({
  PORT: z.coerce.number().int(),
  DATABASE_URL: z.url(),
  IDENTITY_SECRET: z.string().min(32),
  AUTH_ISSUER: z.url(),
  AUTH_AUDIENCE: z.string().min(1),
  IDENTITY_ADMINS: z
    .string()
    .default('')
    .transform((list) => new Set(list.split(',').map((email) => email.trim().toLowerCase()))),
  IDENTITY_RATE_LIMIT: z.enum(['on', 'off']).default('on'),
});

export type IdentityConfig = z.infer<typeof schema> & {
  /** Pages that may sign users in. */
  trustedOrigins: string[];
};

/** The identity server's settings from the environment. @throws with every problem named. */
export const readConfig = (env: NodeJS.ProcessEnv): IdentityConfig => {
  const result = schema.safeParse(env);
  if (result.success) return { ...result.data, trustedOrigins: ['http://localhost:4000'] };
  const problems = result.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`);
  throw new Error(`identity cannot start:\n${problems.join('\n')}`);
};
