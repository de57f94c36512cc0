import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { withCost, withScopes } from './testing/changes.ts';
import { follows, hasSubscribers, openLine, type Follow, type Followed } from './testing/follow.ts';
import { eventually, ready, startTestGateway, type TestGateway } from './testing/gateway.ts';
import { replaceFile } from './testing/replace-file.ts';
import { total } from './testing/metrics.ts';
import { shop } from './testing/shop.ts';
import { startSubgraphs } from './testing/subgraphs.ts';

let stage: TestGateway;
/** The same subgraphs elsewhere. */
let others: Awaited<ReturnType<typeof startSubgraphs>>;
const followed: { leave: () => void }[] = [];
beforeAll(async () => {
  stage = await startTestGateway({
    MAX_STREAMS_PER_USER: '2000',
    MAX_OPERATIONS_PER_SOCKET: '2000',
    RATE_LIMIT_PER_MINUTE: '0',
    MAX_COST: '1000',
  });
  await ready(stage);
  others = await startSubgraphs(shop);
});
afterAll(() => Promise.all([stage.stop(), others.stop()]));
afterEach(async () => {
  followed.splice(0).forEach(({ leave }) => leave());
  await reload(stage.supergraphSdl);
  await eventually(() => hasSubscribers(stage, 0));
});

const reloads = async (): Promise<number> => {
  const { values } = await stage.context.metrics.supergraphReloads.get();
  expect(values.filter(({ labels }) => labels.outcome !== 'accepted')).toEqual([]);
  return values[0]?.value ?? 0;
};
let written: string;
/** Has another supergraph come into force. */
async function reload(sdl: string): Promise<void> {
  if (sdl === (written ?? stage.supergraphSdl)) return;
  written = sdl;
  const before = await reloads();
  await replaceFile(stage.supergraphFile, sdl);
  await eventually(async () => (await reloads()) > before);
}
const usersOf = (sdl: string): string => /name: "users", url: "(.*?)"/.exec(sdl)?.[1] as string;
const movedUsers = (): string =>
  stage.supergraphSdl.replace(usersOf(stage.supergraphSdl), usersOf(others.supergraphSdl));

let made = 0;
const happen = async (data: Record<string, unknown> = {}): Promise<string> => {
  const id = `e${made++}`;
  const event = { id, type: 't', subject: 'u1', time: '2026-01-02T03:04:05Z' };
  await stage.sidecar.deliver('review.added', { ...event, data: { seller: 'ada', stars: 5, ...data } });
  return id;
};
const QUERY = 'subscription { reviewed { id user { name } } }';
const ids = ({ got }: Followed): unknown[] => got.map(({ data }) => data?.reviewed.id);
const open = async (follow: Follow, wish: Partial<Parameters<Follow>[1]> = {}): Promise<Followed> => {
  const before = await total(stage.context.metrics.subscribers);
  const stream = await follow(stage, { query: QUERY, ...wish });
  followed.push(stream);
  await eventually(() => hasSubscribers(stage, before + 1));
  return stream;
};
const cursorOf = ({ got }: Followed): string => got.at(-1)?.extensions?.cursor as string;

describe.each(follows)('over %s', (_name, follow) => {
  test('a stream goes on by the new supergraph, without a gap or a double, and is resumed as before', async () => {
    const stream = await open(follow);
    const sent = [await happen()];
    let isOver = false;
    const happening = (async () => {
      while (!isOver) sent.push(await happen());
    })();
    await reload(movedUsers());
    isOver = true;
    await happening;
    await eventually(() => stream.got.length === sent.length);
    stage.received.length = 0;
    others.received.length = 0;
    sent.push(await happen());
    await eventually(() => stream.got.length === sent.length);
    expect(ids(stream)).toEqual(sent);
    expect(stream.got.every(({ data, errors }) => data.reviewed.user.name === 'Ada' && !errors)).toBe(true);
    expect([stage.received.length, others.received.length]).toEqual([0, 1]);

    stream.leave();
    await eventually(() => hasSubscribers(stage, 0));
    const missed = [await happen(), await happen()];
    const again = await open(follow, { cursor: cursorOf(stream) });
    await eventually(() => again.got.length === 2);
    expect(ids(again)).toEqual(missed);
  });

  test('a stream goes by the new filter, without what the caller may see no longer', async () => {
    const stream = await open(follow);
    const other = stage.supergraphSdl.replace('event.data.seller ==', 'event.data.buyer ==');
    await reload(withScopes(other, '  user: User'));
    await happen({ seller: 'ada', buyer: 'ben' });
    const id = await happen({ seller: 'ben', buyer: 'ada' });
    await eventually(() => stream.got.length === 1);
    expect(stream.got[0]).toMatchObject({
      data: { reviewed: { id, user: null } },
      errors: [{ path: ['reviewed', 'user'], extensions: { code: 'FORBIDDEN' } }],
    });
  });
});

test.each<[why: string, change: (sdl: string) => string, reason: string]>([
  ['a field is gone', (sdl) => sdl.replace('  user: User\n', ''), 'GRAPHQL_VALIDATION_FAILED'],
  ['they are fed from other topics', (sdl) => sdl.replace('"review.added", ', ''), 'TOPICS_CHANGED'],
  ['they are not fed from topics', (sdl) => sdl.replace(/(reviewed\(stars: Int\): Reviewed!).*/, '$1'), 'BAD_REQUEST'],
  ['the caller may not see them', (sdl) => withScopes(sdl), 'FORBIDDEN'],
  ['they cost too much', (sdl) => withCost(sdl), 'COST_LIMIT_EXCEEDED'],
])('streams end where %s, with a cursor that leads on', async (_why, change, reason) => {
  const streams: { follow: Follow; stream: Followed }[] = [];
  for (const [, follow] of follows) streams.push({ follow, stream: await open(follow) });
  await happen();
  await eventually(() => streams.every(({ stream }) => stream.got.length === 1));
  const cursors = streams.map(({ stream }) => cursorOf(stream));
  await reload(change(stage.supergraphSdl));
  await eventually(() => streams.every(({ stream }) => stream.isOver()));
  await eventually(() => hasSubscribers(stage, 0));
  for (const [i, { stream }] of streams.entries()) {
    expect(stream.got.slice(1).map(({ errors }) => errors)).toEqual([
      [
        {
          message: expect.stringMatching(/^the supergraph changed, and this subscription cannot go on: \w/),
          extensions: expect.objectContaining({ code: 'SUPERGRAPH_CHANGED', reason, cursor: cursors[i] }),
        },
      ],
    ]);
  }
  const counted = (await stage.context.metrics.errors.get()).values;
  expect(counted).toContainEqual(expect.objectContaining({ labels: { code: 'SUPERGRAPH_CHANGED' } }));
  const missed = await happen();
  await reload(stage.supergraphSdl);
  for (const [i, { follow }] of streams.entries()) {
    const again = await open(follow, { cursor: cursors[i] });
    await eventually(() => again.got.length === 1);
    expect(ids(again)).toEqual([missed]);
  }
});

test('a thousand streams of one operation are planned once, and all go on', async () => {
  const line = await openLine(stage);
  const streams = Array.from({ length: 1000 }, () => line.subscribe({ query: QUERY }));
  await eventually(() => hasSubscribers(stage, 1000));
  await happen();
  await eventually(() => streams.every(({ got }) => got.length === 1));
  const before = await plansMade();
  await reload(movedUsers());
  others.received.length = 0;
  const id = await happen();
  await eventually(() => streams.every(({ got }) => got.length === 2));
  expect(streams.every(({ got }) => got[1]?.data.reviewed.id === id)).toBe(true);
  expect((await plansMade()) - before).toBe(1);
  line.close();
  await eventually(() => hasSubscribers(stage, 0));
});

async function plansMade(): Promise<number> {
  const { values } = await stage.context.metrics.planSeconds.get();
  return values.find(({ metricName }) => metricName?.endsWith('_count'))?.value ?? 0;
}
