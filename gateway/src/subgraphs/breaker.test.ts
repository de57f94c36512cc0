import { beforeEach, describe, expect, test } from '@jest/globals';
import { createBreaker, type BreakerState } from './breaker.ts';

let now: number;
let changes: BreakerState[];
let guard: ReturnType<typeof createBreaker>;

const options = {
  failurePercent: 50,
  windowMs: 1000,
  minCalls: 4,
  openMs: 500,
  healthOf: (error: unknown) => ((error as Error).message === 'gone' ? undefined : ('bad' as const)),
  refusal: () => new Error('open'),
  now: () => now,
};
beforeEach(() => {
  now = 0;
  changes = [];
  guard = createBreaker({ ...options, onChange: (state) => changes.push(state) });
});

const succeed = () => guard(async () => 'ok');
const fail = (message = 'bad') =>
  guard(() => Promise.reject(new Error(message))).catch((error: unknown) => (error as Error).message);
const later = () => {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const result = guard(() => promise).catch((error: unknown) => (error as Error).message);
  return { result, resolve, reject };
};
const open = async () => {
  for (let i = 0; i < 4; i++) await fail();
};

describe('closed', () => {
  test('it opens at the failure rate, once there were enough calls', async () => {
    await fail();
    await succeed();
    await succeed();
    expect(changes).toEqual([]);
    await fail();
    expect(changes).toEqual(['open']);
    expect(await fail()).toBe('open');
  });

  test('failures that are past count no more, also after a quiet time', async () => {
    for (let i = 0; i < 3; i++) await fail();
    now += 1000;
    for (let i = 0; i < 3; i++) await fail();
    expect(changes).toEqual([]);
  });

  test('clients that go away say nothing of it', async () => {
    for (let i = 0; i < 10; i++) await fail('gone');
    expect(changes).toEqual([]);
  });
});

describe('open', () => {
  test('it lets one call through after a while, and closes when that succeeds', async () => {
    await open();
    now += 499;
    expect(await fail()).toBe('open');
    now += 1;
    const probe = later();
    expect(await fail()).toBe('open');
    probe.resolve('ok');
    await probe.result;
    expect(changes).toEqual(['open', 'half-open', 'closed']);
    await expect(succeed()).resolves.toBe('ok');
  });

  test('it stays open when that fails', async () => {
    await open();
    now += 500;
    expect(await fail()).toBe('bad');
    expect(await fail()).toBe('open');
    expect(changes).toEqual(['open', 'half-open', 'open']);
  });

  test('a probe whose client goes away is followed by another', async () => {
    await open();
    now += 500;
    expect(await fail('gone')).toBe('gone');
    await succeed();
    expect(changes).toEqual(['open', 'half-open', 'closed']);
  });

  test('calls from before say nothing', async () => {
    const early = later();
    const late = later();
    await open();
    now += 500;
    const probe = later();
    early.resolve('ok');
    late.reject(new Error('bad'));
    await Promise.all([early.result, late.result]);
    expect(changes).toEqual(['open', 'half-open']);
    probe.resolve('ok');
    await probe.result;
    expect(changes.at(-1)).toBe('closed');
  });
});

test('0 percent is no breaker', async () => {
  guard = createBreaker({ ...options, failurePercent: 0, onChange: (state) => changes.push(state) });
  for (let i = 0; i < 20; i++) expect(await fail()).toBe('bad');
});
