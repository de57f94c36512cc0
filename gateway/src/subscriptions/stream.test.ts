import { expect, jest, test } from '@jest/globals';
import { createEventStream } from './stream.ts';

const slow = { errors: [{ message: 'too slow' }] };
function open(limit: number, resultOf = (event: number) => Promise.resolve({ data: { event } })) {
  const onEnd = jest.fn();
  const events = createEventStream<number>({
    limit,
    resultOf,
    overflow: (cursor) => ({ ...slow, extensions: { cursor } }),
    onEnd,
  });
  let missed: number[] = [];
  const source = {
    cursor: () => 'now',
    isBehind: () => missed.length > 0,
    catchUp: () => push(missed.shift() as number),
  };
  const push = (event: number): void => events.push(event, `after ${event}`);
  events.begin(source);
  return { ...events, push, onEnd, miss: (events: number[]) => (missed = events) };
}
const result = (event: number) => ({
  done: false,
  value: { data: { event }, extensions: { cursor: `after ${event}` } },
});
const done = { done: true, value: undefined };

test('results come in the order of the events, waiting for one where there is none', async () => {
  const { push, stream } = open(10);
  push(1);
  push(2);
  expect([await stream.next(), await stream.next()]).toEqual([result(1), result(2)]);
  const third = stream.next();
  push(3);
  expect(await third).toEqual(result(3));
});

test('one who falls behind by more than the limit gets that as the last result', async () => {
  const { push, stream, onEnd } = open(3);
  for (const event of [1, 2, 3]) push(event);
  expect(await stream.next()).toEqual(result(1));
  push(4);
  expect(onEnd).not.toHaveBeenCalled();
  push(5);
  push(6);
  expect(onEnd).toHaveBeenCalledTimes(1);
  expect([await stream.next(), await stream.next()]).toEqual([
    { done: false, value: { ...slow, extensions: { cursor: 'after 1' } } },
    done,
  ]);
});

test('return ends a stream at once, before its first result and while it waits', async () => {
  const unstarted = open(1);
  expect(await unstarted.stream.return()).toEqual(done);
  expect(unstarted.onEnd).toHaveBeenCalledTimes(1);

  const waiting = open(1);
  const next = waiting.stream.next();
  await waiting.stream.return();
  expect(await next).toEqual(done);
  waiting.push(1);
  expect(await waiting.stream.next()).toEqual(done);
  expect(waiting.onEnd).toHaveBeenCalledTimes(1);
});

test('a result that is being made when the stream ends is not given out', async () => {
  const { promise, resolve: finish } = Promise.withResolvers<{ data: { event: number } }>();
  const { push, stream } = open(1, () => promise);
  push(1);
  const next = stream.next();
  await stream.return();
  finish({ data: { event: 1 } });
  expect(await next).toEqual(done);
});

test('what was missed comes first, as it is taken', async () => {
  const { miss, push, stream } = open(10);
  miss([1, 2]);
  expect([await stream.next(), await stream.next()]).toEqual([result(1), result(2)]);
  push(3);
  expect(await stream.next()).toEqual(result(3));
});

test('the cursor is never ahead of what was handed out', async () => {
  const { push, stream, breakOff } = open(10);
  expect(stream.cursor()).toBe('now');
  push(1);
  push(2);
  await stream.next();
  expect(stream.cursor()).toBe('after 1');
  const second = stream.next();
  expect(stream.cursor()).toBe('after 1');
  await second;
  expect(stream.cursor()).toBe('now');
  push(3);
  breakOff();
  expect([stream.cursor(), stream.isBrokenOff()]).toEqual(['after 2', true]);
});
