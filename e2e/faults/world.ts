import { sampleGateway } from '../soak/gateway.ts';
import { createTokens, signUpUsers } from '../soak/users.ts';
import { eventually } from '../stack/eventually.ts';
import { app, ready } from '../stack/ready.ts';
import type { Positions } from '../stack/topic.ts';
import { subjectOf } from '../stack/user.ts';
import { type Change, type Load, startLoad } from './load.ts';
import type { Place } from './request.ts';
import { eventPositions, readTasks } from './stores.ts';
import { type Known, type Subscribers, startSubscribers } from './subscribers.ts';
import { createTally, type Tally } from './tally.ts';

const OPEN_WITHIN_MS = 120_000;
const READ_WITHIN_MS = 60_000;

/** Users of their own with what they do, see and expect: one for each fault. */
export type World = {
  /** The users, as their tokens call them. */
  ids: string[];
  /** For each user, the newest acknowledged version of each task: every version up to it was acknowledged. */
  changes: Known[];
  /** Where the events of these users begin. */
  since: Positions;
  /** Events that the broker has more than once. */
  repeats: number;
  tally: Tally;
  load: Load;
  subscribers: Subscribers;
  place: (user: number) => Promise<Place>;
};

export type Size = { users: number; subscribers: number; pauseMs: number };

/** Signs users up, opens their subscriptions, and then lets the load begin. `rotation`: the replicas that take requests. */
export async function startWorld(size: Size, rotation: string[], deadlineMs: number): Promise<World> {
  const { identity } = ready().urls;
  const credentials = await signUpUsers(identity, size.users);
  const token = createTokens(identity, credentials);
  const ids = (await Promise.all(credentials.map((_, user) => token(user)))).map(subjectOf);
  const changes: Known[] = ids.map(() => new Map());
  const tally = createTally();
  let turn = 0;
  const url = (): string => rotation[turn++ % rotation.length] as string;
  const place = async (user: number): Promise<Place> => ({ url: url(), token: await token(user), deadlineMs });
  const read = async (user: number): Promise<Known> => {
    let known: Known = new Map();
    await eventually(async () => void (known = await readTasks(() => place(user))), READ_WITHIN_MS);
    return known;
  };
  const since = await eventPositions();
  const before = await openSubscriptions();
  const subscribers = startSubscribers({ count: size.subscribers, users: size.users, url, token, read });
  await eventually(async () => {
    const open = (await openSubscriptions()) - before;
    if (open < size.subscribers) throw new Error(`${open} of ${size.subscribers} subscriptions are open`);
  }, OPEN_WITHIN_MS);
  const onChange = (change: Change): void => {
    changes[change.user]?.set(change.id, change.version);
    subscribers.expect(change);
  };
  const load = startLoad({ users: size.users, pauseMs: size.pauseMs, place, onChange, onOutcome: tally.record });
  return { ids, changes, since, repeats: 0, tally, load, subscribers, place };
}

/** How many subscriptions the replicas that run hold together. */
export async function openSubscriptions(): Promise<number> {
  const replicas = await Promise.allSettled(ready().gateways.map(({ name }) => sampleGateway(app(name).port)));
  return replicas.reduce((sum, one) => sum + (one.status === 'fulfilled' ? one.value.subscribers : 0), 0);
}
