import { describe, expect, it } from '@jest/globals';
import { eventually } from './stack/eventually.ts';
import { follow, type Follower } from './stack/follower.ts';
import { createTask, ok } from './stack/graphql.ts';
import {
  type GatewayReplica,
  gateways,
  killGateway,
  openSubscriptions,
  startGateway,
  stopGateway,
} from './stack/replicas.ts';
import { newUser, type User } from './stack/user.ts';
import { withReplica } from './stack/with-replica.ts';

withReplica();

const CHANGES = 'subscription { taskChanged { version task { id } } }';
const RENAME = 'mutation ($id: ID!, $title: String!) { updateTask(id: $id, input: { title: $title }) { version } }';

type Seen = { id: string; version: number };
type Subscriber = { follower: Follower; seen: Seen[]; failures: string[] };

/** Creates tasks and changes each twice: events of two topics, in several partitions. */
async function change(user: User, { graphql }: GatewayReplica): Promise<Seen[]> {
  const changed: Seen[] = [];
  for (let task = 0; task < 4; task++) {
    const { id } = await createTask(user, { title: 'Version 1' }, graphql);
    for (const title of ['Version 2', 'Version 3']) await ok(user, RENAME, { id, title }, graphql);
    changed.push(...[1, 2, 3].map((version) => ({ id, version })));
  }
  return changed;
}

/** Subscribes over WebSocket and over SSE. `gate` holds back every connection until it resolves. */
async function subscribeBoth(
  user: User,
  place: { at: GatewayReplica; gate?: Promise<void> },
  cursors: (string | undefined)[] = [],
): Promise<Subscriber[]> {
  const before = await openSubscriptions(place.at);
  const subscribers = (['ws', 'sse'] as const).map((transport, i): Subscriber => {
    const seen: Seen[] = [];
    const failures: string[] = [];
    const follower = follow({
      transport,
      url: () => place.at.graphql,
      token: async () => {
        await place.gate;
        return user.token;
      },
      query: CHANGES,
      cursor: cursors[i],
      onResult: ({ data: { taskChanged } }) => seen.push({ id: taskChanged.task.id, version: taskChanged.version }),
      onFailure: ({ message }) => failures.push(message),
    });
    return { follower, seen, failures };
  });
  await eventually(async () => {
    const failed = subscribers.filter(({ failures }) => failures.length > 0).length;
    expect((await openSubscriptions(place.at)) - before).toBe(subscribers.length - failed);
  });
  return subscribers;
}

const keys = (seen: Seen[]): string[] => seen.map(({ id, version }) => `${id} ${version}`).toSorted();
/** The versions of each task that are of one topic, as they came. */
const changesInOrder = (seen: Seen[]): number[][] =>
  [...Map.groupBy(seen, ({ id }) => id).values()].map((of) => of.map(({ version }) => version).filter((v) => v > 1));

/** @throws unless each subscriber got these once each, in order per task */
async function expectExactly(subscribers: Subscriber[], expected: Seen[]): Promise<void> {
  await eventually(async () => {
    for (const { seen } of subscribers) expect(seen.length).toBeGreaterThanOrEqual(expected.length);
  });
  for (const { seen, failures } of subscribers) {
    expect(failures).toEqual([]);
    expect(keys(seen)).toEqual(keys(expected));
    for (const versions of changesInOrder(seen)) expect(versions).toEqual([2, 3]);
  }
}

/** @throws unless the subscriber got these once each, or was told that its cursor is too old */
async function expectExactlyOrTold(subscriber: Subscriber, expected: Seen[]): Promise<void> {
  const [failure] = subscriber.failures;
  if (failure === undefined) return expectExactly([subscriber], expected);
  expect(failure).toMatch(/^CURSOR_TOO_OLD/);
}

describe('when its replica goes away, a subscriber goes on with the other, missing nothing and getting nothing twice', () => {
  it.each([
    ['is stopped', stopGateway],
    ['is killed', killGateway],
  ] as const)(
    'as one %s',
    async (_, end) => {
      const [first, second] = gateways();
      const user = await newUser();
      const gate = Promise.withResolvers<void>();
      const place: { at: GatewayReplica; gate?: Promise<void> } = { at: first };
      const subscribers = await subscribeBoth(user, place);
      const expected = await change(user, first);
      await expectExactly(subscribers, expected);

      place.gate = gate.promise;
      await end(first);
      expected.push(...(await change(user, second)));
      for (const { seen } of subscribers) expect(seen.length).toBeLessThan(expected.length);
      place.at = second;
      gate.resolve();
      expected.push(...(await change(user, second)));
      await expectExactly(subscribers, expected);

      // Back on the first one, which was away meanwhile: what was missed, or a word that it cannot be told.
      const cursors = subscribers.map(({ follower }) => follower.cursor());
      await Promise.all(subscribers.map(({ follower }) => follower.stop()));
      const missed = await change(user, second);
      await startGateway(first);
      const back = await subscribeBoth(user, { at: first }, cursors);
      missed.push(...(await change(user, second)));
      for (const subscriber of back) await expectExactlyOrTold(subscriber, missed);
      await Promise.all(back.map(({ follower }) => follower.stop()));
    },
    480_000,
  );
});
