import { createECDH, randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { databases } from '../postgres/databases.ts';

const secretsSchema = z.object({
  postgresPassword: z.string(),
  /** Password of each database's role. */
  databases: z.record(z.string(), z.string()),
  identitySecret: z.string(),
  demoPassword: z.string(),
  adminPassword: z.string(),
  /** The key pair of web push, base64url. Data folders from before it have none. */
  vapid: z.object({ publicKey: z.string(), privateKey: z.string() }).optional(),
  apps: z.record(z.string(), z.object({ daprApiToken: z.string(), appApiToken: z.string() })),
});

/** Everything random that must survive a restart. */
export type Secrets = z.infer<typeof secretsSchema>;

/** The old values, and a new one for each name that has none. */
const each = <T>(names: string[], old: Record<string, T> | undefined, make: () => T): Record<string, T> => ({
  ...Object.fromEntries(names.map((name) => [name, make()])),
  ...old,
});

const random = (): string => randomBytes(24).toString('base64url');

/** A key pair on P-256, as browsers and push services take it (RFC 8292). */
const newVapidKeys = (): { publicKey: string; privateKey: string } => {
  const pair = createECDH('prime256v1');
  const publicKey = pair.generateKeys().toString('base64url');
  // A leading zero is left out of the key: push libraries want all 32 bytes.
  return {
    publicKey,
    privateKey: Buffer.from(pair.getPrivateKey('hex').padStart(64, '0'), 'hex').toString('base64url'),
  };
};

/** The secrets of a data directory, made at its first start and added to for new apps (`secrets.json`, mode 0600). */
export const loadSecrets = (dataDir: string, appIds: string[]): Secrets => {
  const path = join(dataDir, 'secrets.json');
  const known = readSecrets(dataDir);
  const secrets: Secrets = {
    postgresPassword: known?.postgresPassword ?? random(),
    databases: each(
      databases.map(({ name }) => name),
      known?.databases,
      random,
    ),
    identitySecret: known?.identitySecret ?? random(),
    demoPassword: known?.demoPassword ?? random(),
    adminPassword: known?.adminPassword ?? random(),
    vapid: known?.vapid ?? newVapidKeys(),
    apps: each(appIds, known?.apps, () => ({ daprApiToken: random(), appApiToken: random() })),
  };
  writeFileSync(`${path}.next`, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  renameSync(`${path}.next`, path);
  return secrets;
};

/** The secrets as they are; undefined before the first start. */
export const readSecrets = (dataDir: string): Secrets | undefined => {
  try {
    return secretsSchema.parse(JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8')));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new Error(`${dataDir}/secrets.json cannot be used; start with --fresh`, { cause: error });
  }
};
