import { rmSync } from 'node:fs';
import { startRedis } from '@todo/service/testing/redis';
import { DATA } from '../../stack/paths.ts';
import { RECEIVER_HOST } from '../../stack/receiver.ts';
import { startStack, stopStack } from '../../stack/start.ts';
import { RECORD } from './record.ts';
import { shareKey } from './issuer.ts';

/** Starts what `npm start` starts, with what some attacks are against: a session cookie, and quotas that replicas share. */
export default async function setup(): Promise<void> {
  rmSync(RECORD, { force: true });
  globalThis.redis = await startRedis();
  try {
    globalThis.stack = await startStack(DATA, {
      REDIS_URL: globalThis.redis.url,
      AUTH_COOKIE: '__Host-session',
      CORS_ORIGINS: 'https://app.example',
      // Webhooks of the attacked, at which nothing listens.
      WEBHOOK_ALLOW_CIDRS: `${RECEIVER_HOST}/32`,
    });
    await shareKey();
  } catch (error) {
    if (globalThis.stack) await stopStack(globalThis.stack);
    await globalThis.redis.stop();
    throw error;
  }
}
