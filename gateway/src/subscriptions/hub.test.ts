import { describe, expect, test } from '@jest/globals';
import { eventually } from '../testing/gateway.ts';
import { connect, createBroker, createReplica, signal, ticks, TOPICS } from '../testing/hub.ts';
import { decodeCursor } from './cursor.ts';

const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'none',
    (error: { extensions: { code: string } }) => error.extensions.code,
  );

describe('a cursor', () => {
  test('goes on where a stream broke off, also on another replica, without a gap or a double', async () => {
    const broker = createBroker();
    const [one, two] = [createReplica(broker), createReplica(broker)];
    one.advanceAll();
    const first = await connect(one.hub, 'ada');
    const sent = [broker.append('a', 0, 'ada'), broker.append('b', 1, 'ada')];
    one.advanceAll();
    await ticks();
    await first.close();
    sent.push(broker.append('a', 0, 'ada'), broker.append('a', 1, 'ben'));
    two.advanceAll();
    const second = await connect(two.hub, 'ada', first.last());
    sent.push(broker.append('b', 0, 'ada'));
    two.advanceAll();
    await ticks();
    expect([...first.got, ...second.got].map(({ id }) => id)).toEqual(
      [sent[0], sent[1], sent[2], sent[4]].map((r) => r?.event.id),
    );
  });

  test('has no more come at once than a subscriber may have waiting', async () => {
    const broker = createBroker();
    const { hub, advanceAll } = createReplica(broker, { MAX_QUEUED_EVENTS: '3' });
    const first = await connect(hub, 'ada');
    for (let i = 0; i < 20; i++) broker.append('a', 0, 'ada');
    const cursor = first.heartbeat();
    await first.close();
    advanceAll();
    const second = await connect(hub, 'ada', cursor, 3);
    await eventually(() => second.got.length === 20);
    expect(second.ended()).toBe(undefined);
  });

  test('of a replica that is ahead is waited for', async () => {
    const broker = createBroker();
    const [ahead, behind] = [createReplica(broker), createReplica(broker)];
    ahead.advanceAll();
    const first = await connect(ahead.hub, 'ada');
    const missed = broker.append('a', 0, 'ada');
    ahead.advanceAll();
    await ticks();
    const resumed = connect(behind.hub, 'ada', first.last());
    await ticks();
    behind.advanceAll();
    const second = await resumed;
    const next = broker.append('a', 0, 'ada');
    behind.advanceAll();
    await ticks();
    expect(first.got.map(({ id }) => id)).toEqual([missed.event.id]);
    expect(second.got.map(({ id }) => id)).toEqual([next.event.id]);
  });

  test('that is beyond what ever comes is too old: the topic was made anew', async () => {
    const broker = createBroker();
    const one = createReplica(broker);
    const first = await connect(one.hub, 'ada');
    for (let i = 0; i < 5; i++) broker.append('a', 0, 'ada');
    one.advanceAll();
    await ticks();
    const anew = createReplica(createBroker());
    expect(await codeOf(anew.hub.locate(TOPICS, first.last(), signal))).toBe('CURSOR_TOO_OLD');
  });

  test('with the offsets of a topic that was made anew is told by its marks', async () => {
    const broker = createBroker();
    const one = createReplica(broker);
    const cursor = (await connect(one.hub, 'ada')).heartbeat();
    const other = createBroker();
    other.append('a', 0, 'x');
    const anew = createReplica(other);
    expect(await codeOf(anew.hub.locate(TOPICS, cursor, signal))).toBe('CURSOR_TOO_OLD');
  });

  test('is too old where the window has gone on', async () => {
    const broker = createBroker();
    const one = createReplica(broker, { EVENT_WINDOW_SIZE: '4' });
    const cursor = (await connect(one.hub, 'ada')).heartbeat();
    for (let i = 0; i < 4; i++) broker.append('a', 0, 'ada');
    one.advanceAll();
    await connect(one.hub, 'ada', cursor);
    broker.append('a', 0, 'ada');
    one.advanceAll();
    expect(await codeOf(one.hub.locate(TOPICS, cursor, signal))).toBe('CURSOR_TOO_OLD');
  });

  test('is too old where the window goes on faster than the subscriber catches up', async () => {
    const broker = createBroker();
    const one = createReplica(broker, { EVENT_WINDOW_SIZE: '300' });
    const cursor = (await connect(one.hub, 'ada')).heartbeat();
    const append = (count: number): void => {
      for (let i = 0; i < count; i++) broker.append('a', 0, 'ada');
      one.advanceAll();
    };
    append(290);
    const slow = await connect(one.hub, 'ada', cursor);
    append(300);
    await ticks();
    expect(slow.ended()).toBe('CURSOR_TOO_OLD');
    expect(slow.got.length).toBeLessThan(290);
  });

  test.each<[string, unknown]>([
    ['a number', 7],
    ['nonsense', 'nonsense'],
    ['too long', 'x'.repeat(10_000)],
    ['of a prototype', Buffer.from('{"__proto__":1}').toString('base64url')],
    ['of no version', Buffer.from('[0,1,[]]').toString('base64url')],
  ])('that is %s is refused', async (_what, cursor) => {
    const { hub } = createReplica(createBroker());
    expect(decodeCursor(TOPICS, cursor)).toBeUndefined();
    expect(await codeOf(hub.locate(TOPICS, cursor, signal))).toBe('BAD_USER_INPUT');
  });

  test('of another subscription is refused', async () => {
    const { hub } = createReplica(createBroker());
    const cursor = (await connect(hub, 'ada')).heartbeat();
    expect(await codeOf(hub.locate(['a'], cursor, signal))).toBe('BAD_USER_INPUT');
  });
});

describe('a delivery', () => {
  test('that came before is dropped, under its offset and under another', async () => {
    const broker = createBroker();
    const { hub, advanceAll, again } = createReplica(broker);
    const ada = await connect(hub, 'ada');
    const record = broker.append('a', 0, 'ada');
    advanceAll();
    again('a', 0, 0);
    broker.append('a', 0, 'ada').event.id = record.event.id;
    advanceAll();
    await ticks();
    expect(ada.got).toHaveLength(1);
  });

  test.each([
    ['that skips offsets', (last: number) => last + 3],
    ['that starts its partition again', () => 0],
  ])('%s ends the streams of its topic: events were lost', async (_what, offsetAfter) => {
    const broker = createBroker();
    const { hub, advanceAll } = createReplica(broker);
    const ada = await connect(hub, 'ada');
    const cursor = ada.heartbeat();
    const record = broker.append('a', 0, 'ada');
    advanceAll();
    hub.take(
      { ...record, offset: offsetAfter(record.offset), timestamp: 1e9, event: { ...record.event, id: 'new' } },
      false,
    );
    await ticks();
    expect(ada.ended()).toBe('EVENTS_LOST');
    expect(await codeOf(hub.locate(TOPICS, cursor, signal))).toBe('CURSOR_TOO_OLD');
  });
});
