import { expect, it } from '@jest/globals';
import { countOf, differences } from './differences.ts';
import type { Fault } from './faults.ts';
import type { Heard } from './subscribers.ts';
import { createTally } from './tally.ts';
import { compareMemory, wrongWithRequests, wrongWithSubscribers } from './verdict.ts';

const heard: Heard = {
  expected: 4,
  received: 4,
  doubled: 0,
  missed: 0,
  readAgain: {},
  disordered: 0,
  reconnects: 0,
  failures: [],
};
const fault = (more: Partial<Fault>): Fault => ({ requestsMeet: 'errors', ...more }) as Fault;

it('tells what is missing in a place, and what is there too often', () => {
  expect(differences('feed', countOf(['a', 'b']), countOf(['b', 'a']))).toEqual([]);
  expect(differences('feed', countOf(['a', 'b', 'c']), countOf(['c', 'c']))).toEqual([
    'feed: 2 missing, such as a',
    'feed: 1 too many, such as c',
  ]);
  expect(differences('feed', countOf([]), countOf(['x']))).toEqual(['feed: 1 too many, such as x']);
});

it('counts requests by what became of them, and how long none succeeded', () => {
  let now = 0;
  const { record, summary } = createTally(() => now);
  now = 1000;
  record({ kind: 'ok', data: {} });
  record({ kind: 'error', codes: ['A', 'A', 'B'] });
  now = 4000;
  record({ kind: 'cut', code: 'ECONNREFUSED' });
  record({ kind: 'ok', data: {} });
  record({ kind: 'hung' });
  record({ kind: 'untyped', text: '502' });
  expect(summary()).toEqual({
    requests: 6,
    ok: 2,
    errors: { A: 1, B: 1 },
    cut: { ECONNREFUSED: 1 },
    hung: 1,
    untyped: ['502'],
    downSeconds: 3,
  });
});

it('a fault allows what it says, and nothing allows a request that hangs or an answer that says nothing', () => {
  const met = {
    requests: 9,
    ok: 1,
    errors: { SUBGRAPH_UNAVAILABLE: 1 },
    cut: { ECONNREFUSED: 1 },
    hung: 0,
    untyped: [],
    downSeconds: 0,
  };
  expect(wrongWithRequests(fault({ requestsMeet: 'nobody' }), met)).toEqual([]);
  expect(wrongWithRequests(fault({}), met)).toEqual(['requests found nobody: {"ECONNREFUSED":1}']);
  expect(wrongWithRequests(fault({ requestsMeet: 'nothing' }), met)).toHaveLength(2);
  expect(wrongWithRequests(fault({ requestsMeet: 'nobody' }), { ...met, errors: { NOT_FOUND: 1 } })).toEqual([
    'requests were told what is not so: NOT_FOUND',
  ]);
  expect(wrongWithRequests(fault({ requestsMeet: 'nobody' }), { ...met, ok: 0, hung: 1, untyped: ['x'] })).toHaveLength(
    3,
  );
});

it('subscribers may be told to read again where the fault says so, and then only because a cursor is too old', () => {
  expect(wrongWithSubscribers(fault({}), heard)).toEqual([]);
  const told = { ...heard, readAgain: { CURSOR_TOO_OLD: 1 } };
  expect(wrongWithSubscribers(fault({ mayReadAgain: true }), told)).toEqual([]);
  expect(wrongWithSubscribers(fault({}), told)).toHaveLength(1);
  const lost = { ...heard, readAgain: { EVENTS_LOST: 1 }, doubled: 1, missed: 1, disordered: 1, failures: ['x'] };
  expect(wrongWithSubscribers(fault({ mayReadAgain: true }), lost)).toHaveLength(5);
});

it('memory is compared part by part, of those that ran before and after', () => {
  const before = new Map([
    ['a', 100],
    ['b', 200],
    ['gone', 50],
  ]);
  const after = new Map([
    ['a', 200],
    ['b', 500],
    ['new', 70],
  ]);
  expect(compareMemory(before, after)).toEqual({ before: 300, after: 700, grown: ['b grew from 200 to 500 MiB'] });
});
