import { setImmediate } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { createTakeover, type OpenStream } from './takeover.ts';

const [first, second] = [{ hash: '1' }, { hash: '2' }] as Supergraph[] as [Supergraph, Supergraph];
/** A stream that takes more than its share of time. */
function slow(key: string): OpenStream & { followed: string[] } {
  const followed: string[] = [];
  const follow = ({ hash }: Supergraph): void => {
    if (followed.at(-1) === hash) return;
    const end = performance.now() + 6;
    while (performance.now() < end);
    followed.push(hash);
  };
  return { asked: { key, document: undefined as never, operationName: undefined }, followed, follow };
}
const done = (streams: { followed: string[] }[], hash: string) =>
  streams.filter(({ followed }) => followed.at(-1) === hash);

test('streams follow one after another, and others have their turn in between', async () => {
  const takeover = createTakeover();
  const streams = ['a', 'b', 'c'].map(slow);
  streams.forEach(takeover.add);
  takeover.begin(first);
  const counts: number[] = [];
  while (counts.at(-1) !== 3) {
    counts.push(done(streams, '1').length);
    await setImmediate();
  }
  expect(counts).toEqual([1, 2, 3]);
});

test('a stream with something to do does not wait for its turn, and has it once', async () => {
  const takeover = createTakeover();
  const streams = ['a', 'b', 'c'].map(slow);
  streams.forEach(takeover.add);
  takeover.begin(first);
  takeover.now(streams[2] as OpenStream);
  expect(done(streams, '1')).toEqual([streams[0], streams[2]]);
  for (let i = 0; i < 5; i++) await setImmediate();
  expect(streams.map(({ followed }) => followed)).toEqual([['1'], ['1'], ['1']]);
});

test('a supergraph that comes meanwhile is followed by all, whoever was added or removed', async () => {
  const takeover = createTakeover();
  const [gone, late] = [slow('gone'), slow('late')];
  const streams = ['a', 'b'].map(slow);
  [gone, ...streams].forEach(takeover.add);
  takeover.begin(first);
  takeover.begin(second);
  takeover.remove(gone);
  takeover.add(late);
  for (let i = 0; i < 10; i++) await setImmediate();
  expect(done(streams, '2')).toHaveLength(2);
  expect(gone.followed).toEqual(['1']);
  expect(late.followed).toEqual(['2']);
});

test('operations are told once each, and no more than asked for', () => {
  const takeover = createTakeover();
  for (const key of ['a', 'b', 'a', 'c']) takeover.add(slow(key));
  expect(takeover.operations(10).map(({ key }) => key)).toEqual(['a', 'b', 'c']);
  expect(takeover.operations(2)).toHaveLength(2);
});
