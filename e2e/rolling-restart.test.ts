import { expect, it } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import { createLedger } from './soak/ledger.ts';
import { startLoad } from './soak/load.ts';
import { eventually } from './stack/eventually.ts';
import { follow } from './stack/follower.ts';
import { gateways, openSubscriptions, startGateway, stopGateway } from './stack/replicas.ts';
import { newUser } from './stack/user.ts';
import { withReplica } from './stack/with-replica.ts';

withReplica();

const CHANGES = 'subscription { taskChanged { version task { id } } }';
const USERS = 5;
const SUBSCRIBERS = 50;
const MUTATIONS_PER_SECOND = 20;
/** Between a replica's leaving the rotation and its end, as Kubernetes' preStop hook has it: what was sent arrives. */
const PRE_STOP_MS = 1000;

it('both replicas restart under load: no request fails, no event is missed or comes twice', async () => {
  const replicas = gateways();
  // What a load balancer would send to.
  const rotation = replicas.map(({ graphql }) => graphql);
  const users = await Promise.all(Array.from({ length: USERS }, newUser));
  const ledger = createLedger(users.map(() => SUBSCRIBERS / USERS));
  const failures: string[] = [];
  const connections = Array.from({ length: SUBSCRIBERS }, () => 0);
  const before = await Promise.all(replicas.map(openSubscriptions));
  const followers = connections.map((_, i) => {
    const [user, number] = [i % USERS, Math.floor(i / USERS)];
    return follow({
      transport: number % 2 === 0 ? 'ws' : 'sse',
      url: () => rotation[i % rotation.length] as string,
      token: () => users[user]?.token as string,
      query: CHANGES,
      onResult: ({ data: { taskChanged } }) =>
        ledger.receive(`${taskChanged.task.id} ${taskChanged.version}`, user, number),
      onOpen: () => void (connections[i] = (connections[i] ?? 0) + 1),
      onFailure: ({ message }) => failures.push(message),
    });
  });
  const open = async (): Promise<number> => {
    const now = await Promise.all(replicas.map(openSubscriptions));
    return now.reduce((sum, count, i) => sum + count - (before[i] ?? 0), 0);
  };
  await eventually(async () => expect(await open()).toBe(SUBSCRIBERS));
  const load = startLoad({
    urls: rotation,
    users: USERS,
    rate: MUTATIONS_PER_SECOND,
    token: async (user) => users[user]?.token as string,
    onDone: (user, { id, version }) => ledger.expect(`${id} ${version}`, user),
  });
  /** Resolves once so many more mutations were answered. */
  const moreMutations = (count: number): Promise<void> => {
    const goal = load.done() + count;
    return eventually(async () => expect(load.done()).toBeGreaterThanOrEqual(goal));
  };
  try {
    for (const replica of replicas) {
      await moreMutations(MUTATIONS_PER_SECOND);
      rotation.splice(rotation.indexOf(replica.graphql), 1);
      await delay(PRE_STOP_MS);
      await stopGateway(replica);
      await moreMutations(MUTATIONS_PER_SECOND);
      await startGateway(replica);
      rotation.push(replica.graphql);
    }
    await moreMutations(MUTATIONS_PER_SECOND);
  } finally {
    await load.stop();
  }
  await eventually(async () => expect(ledger.counts(0)).toMatchObject({ missed: 0, pending: 0 }));
  expect(load.failures()).toEqual([]);
  expect(failures).toEqual([]);
  const { expected, received, duplicated, unexplained } = ledger.counts(0);
  expect({ received, duplicated, unexplained }).toEqual({ received: expected, duplicated: 0, unexplained: 0 });
  // Were nobody cut off, nothing would be shown.
  for (const count of connections) expect(count).toBeGreaterThanOrEqual(2);
  await Promise.all(followers.map((follower) => follower.stop()));
}, 480_000);
