import { basename, dirname, join } from 'node:path';

const APP = 'scheduler-service';

/** Resource paths of an app, with the scheduler's state in Redis where there is one: `…/scheduler-state/<store>`. */
export const resourcePaths = (paths: string[], redisUrl: string | undefined): string[] =>
  paths.map((path) =>
    redisUrl !== undefined && basename(dirname(path)) === 'scheduler-state' ? join(dirname(path), 'redis') : path,
  );

/**
 * What the sidecar of an app is told of Redis: nothing, unless it is the scheduler's.
 * @throws where the URL is no redis:// or rediss:// one
 */
export const redisEnv = (redisUrl: string | undefined, appId: string): Record<string, string> => {
  if (redisUrl === undefined || appId !== APP) return {};
  const url = URL.canParse(redisUrl) ? new URL(redisUrl) : undefined;
  if (url?.protocol !== 'redis:' && url?.protocol !== 'rediss:')
    throw new Error('REDIS_URL must be a URL such as redis://user:password@host:6379/0, or rediss:// with TLS');
  return {
    SCHEDULER_REDIS_HOST: `${url.hostname}:${url.port || '6379'}`,
    SCHEDULER_REDIS_USERNAME: decodeURIComponent(url.username),
    SCHEDULER_REDIS_PASSWORD: decodeURIComponent(url.password),
    SCHEDULER_REDIS_DB: url.pathname.slice(1) || '0',
    SCHEDULER_REDIS_TLS: String(url.protocol === 'rediss:'),
  };
};
