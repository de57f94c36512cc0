import { describe, expect, test } from '@jest/globals';
import { redisEnv, resourcePaths } from './scheduler-state.ts';

describe('the scheduler’s state', () => {
  const paths = ['/dapr/resources', '/dapr/scheduler-state/postgresql'];

  test('is in PostgreSQL unless there is a Redis', () => {
    expect(resourcePaths(paths, undefined)).toEqual(paths);
    expect(resourcePaths(paths, 'redis://localhost')).toEqual(['/dapr/resources', '/dapr/scheduler-state/redis']);
  });

  test('is found by the parts of REDIS_URL, which only the scheduler’s sidecar is told', () => {
    expect(redisEnv('rediss://me:p%40ss@redis.example.com:6380/2', 'scheduler-service')).toEqual({
      SCHEDULER_REDIS_HOST: 'redis.example.com:6380',
      SCHEDULER_REDIS_USERNAME: 'me',
      SCHEDULER_REDIS_PASSWORD: 'p@ss',
      SCHEDULER_REDIS_DB: '2',
      SCHEDULER_REDIS_TLS: 'true',
    });
    expect(redisEnv('redis://localhost', 'scheduler-service')).toMatchObject({
      SCHEDULER_REDIS_HOST: 'localhost:6379',
      SCHEDULER_REDIS_DB: '0',
      SCHEDULER_REDIS_TLS: 'false',
    });
    expect(redisEnv('redis://localhost', 'task-service')).toEqual({});
    expect(redisEnv(undefined, 'scheduler-service')).toEqual({});
  });

  test.each(['localhost:6379', 'http://localhost', ''])('refuses %j', (url) => {
    expect(() => redisEnv(url, 'scheduler-service')).toThrow(/REDIS_URL must be/);
  });
});
