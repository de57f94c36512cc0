import { describe, expect, it } from '@jest/globals';
import type { GraphQLResolveInfo } from 'graphql';
import { answerTo, keepAnswer, onceOf, partOf } from './idempotency.ts';

const alice = { sub: 'alice', scopes: [], claims: {} };
const field = (key: string): GraphQLResolveInfo =>
  ({ fieldName: 'createTask', path: { key } }) as unknown as GraphQLResolveInfo;
const once = (
  args: { idempotencyKey?: string | null; title?: string },
  context: { identity: typeof alice; idempotencyKey: string | undefined } = {
    identity: alice,
    idempotencyKey: undefined,
  },
  key = 'createTask',
) => onceOf(context, args, field(key));

describe('onceOf', () => {
  it('knows a call by its key, a print of its arguments beside it', () => {
    const first = once({ idempotencyKey: 'k', title: 'a' });
    expect(once({ idempotencyKey: 'k', title: 'a' })).toEqual(first);
    expect(once({ idempotencyKey: 'k', title: 'b' })?.stateKey).toBe(first?.stateKey);
    expect(once({ idempotencyKey: 'k', title: 'b' })?.fingerprint).not.toBe(first?.fingerprint);
    expect(once({ idempotencyKey: 'l', title: 'a' })?.stateKey).not.toBe(first?.stateKey);
  });

  it('keeps users apart', () => {
    const bob = { identity: { ...alice, sub: 'bob' }, idempotencyKey: undefined };
    expect(once({ idempotencyKey: 'k' }, bob)?.stateKey).not.toBe(once({ idempotencyKey: 'k' })?.stateKey);
  });

  it("takes the operation's key with the field's response key where the field has none", () => {
    const context = { identity: alice, idempotencyKey: 'op' };
    expect(once({}, context, 'a')).toEqual(once({}, context, 'a'));
    expect(once({}, context, 'b')?.stateKey).not.toBe(once({}, context, 'a')?.stateKey);
    expect(once({ idempotencyKey: 'op' }, context, 'a')?.stateKey).not.toBe(once({}, context, 'a')?.stateKey);
    expect(once({})).toBeUndefined();
  });

  it.each([[''], ['x'.repeat(256)], ['a b'], ['é'], ['a\n']])('refuses %j', (idempotencyKey) => {
    expect(() => once({ idempotencyKey })).toThrow(/idempotencyKey: must be 1 to 255 visible ASCII characters/);
  });
});

it('partOf gives each part a key of its own', () => {
  const whole = once({ idempotencyKey: 'k' });
  expect(partOf(whole, '1')?.stateKey).not.toBe(partOf(whole, '2')?.stateKey);
  expect(partOf(undefined, '1')).toBeUndefined();
});

it('an answer is kept for 24 hours, and given to the same call only', () => {
  const call = once({ idempotencyKey: 'k', title: 'a' });
  const [kept] = keepAnswer(call, { id: '1' });
  expect(kept).toMatchObject({ op: 'create', key: call?.stateKey, ttlSeconds: 86_400 });
  const known = { fingerprint: call?.fingerprint as string, answer: { id: '1' } };
  expect(answerTo(call, known)?.answer).toEqual({ id: '1' });
  expect(answerTo(call, undefined)).toBeUndefined();
  expect(() => answerTo(once({ idempotencyKey: 'k', title: 'b' }), known)).toThrow(/other arguments/);
  expect(keepAnswer(undefined, {})).toEqual([]);
});
