import { expect, test } from '@jest/globals';
import { createLedger } from './ledger.ts';

const GRACE_MS = 1000;

const setup = () => {
  const clock = { now: 0 };
  return { clock, ledger: createLedger([2, 1], () => clock.now) };
};

test('what all subscribers of the user got once is complete, in whatever order it is heard of', () => {
  const { ledger, clock } = setup();
  ledger.receive('a', 0, 0);
  ledger.expect('a', 0);
  ledger.receive('a', 0, 1);
  ledger.expect('b', 1);
  ledger.receive('b', 1, 0);
  clock.now = 10 * GRACE_MS;
  expect(ledger.counts(GRACE_MS)).toEqual({
    expected: 3,
    received: 3,
    duplicated: 0,
    missed: 0,
    pending: 0,
    unexplained: 0,
  });
});

test('what does not come is on the way at first, then missed, until it comes', () => {
  const { ledger, clock } = setup();
  ledger.expect('a', 0);
  ledger.receive('a', 0, 1);
  expect(ledger.counts(GRACE_MS)).toMatchObject({ missed: 0, pending: 1 });
  clock.now = GRACE_MS + 1;
  expect(ledger.counts(GRACE_MS)).toMatchObject({ missed: 1, pending: 0 });
  expect(ledger.lacking()).toEqual([{ event: 'a', user: 0, subscriber: 0 }]);
  ledger.receive('a', 0, 0);
  expect(ledger.counts(GRACE_MS)).toMatchObject({ missed: 0, pending: 0, received: 2 });
  expect(ledger.lacking()).toEqual([]);
});

test('what comes again is counted each time, also long after the event was complete', () => {
  const { ledger, clock } = setup();
  ledger.expect('a', 1);
  expect(ledger.receive('a', 1, 0)).toBe(true);
  clock.now = 100 * GRACE_MS;
  expect(ledger.receive('a', 1, 0)).toBe(false);
  expect(ledger.receive('a', 1, 0)).toBe(false);
  expect(ledger.counts(GRACE_MS)).toMatchObject({ received: 1, duplicated: 2, missed: 0 });
});

test('an event that no mutation tells of is told apart', () => {
  const { ledger } = setup();
  ledger.receive('a', 0, 0);
  expect(ledger.counts(GRACE_MS)).toMatchObject({ unexplained: 1, missed: 0, expected: 0 });
});
