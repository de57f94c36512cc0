import { expect, test } from '@jest/globals';
import { testContext } from '../testing/context.ts';
import { startRateLimiter } from './limiter.ts';

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

test('a flood of keys is counted for those that were used last', async () => {
  const limiter = startRateLimiter(testContext({ RATE_LIMIT_PER_MINUTE: '10' }), 100);
  const before = timers();
  await limiter.take('first', 3);
  for (let i = 0; i < 1000; i++) {
    await limiter.take(`flood ${i}`, 1);
    if (i % 50 === 0) await limiter.take('steady', 0);
  }
  expect(timers() - before).toBeLessThanOrEqual(100);
  expect(await limiter.take('first', 1)).toMatchObject({ remaining: 9 });
  await limiter.take('flood 999', 1);
  expect(await limiter.take('flood 999', 1)).toMatchObject({ remaining: 7 });
  await limiter.stop();
});
