import { afterAll, expect, it } from '@jest/globals';
import { listParts, pausePart, resumePart, startPart } from '@todo/dev/control/client';
import { eventually } from './stack/eventually.ts';
import { createTask } from './stack/graphql.ts';
import { DATA } from './stack/paths.ts';
import { gateways, startGateway, stopGateway, waitingFor } from './stack/replicas.ts';
import { subscribe } from './stack/subscription.ts';
import { newUser } from './stack/user.ts';
import { withReplica } from './stack/with-replica.ts';

withReplica();

// Whatever fails here, the other tests need the broker.
afterAll(async () => {
  const kafka = (await listParts(DATA)).find(({ name }) => name === 'kafka');
  if (kafka?.state === 'paused') await resumePart(DATA, 'kafka');
});

it('a replica is ready once its own consumer group receives, and from then on gets every event', async () => {
  const [, replica] = gateways();
  const [appPart = '', sidecarPart = ''] = replica.parts;
  await stopGateway(replica);
  await startPart(DATA, sidecarPart);
  // The sidecar is there and takes the app's subscriptions, but nothing can come in.
  await pausePart(DATA, 'kafka');
  const starting = startPart(DATA, appPart);
  try {
    await eventually(async () => {
      const partitions = await waitingFor(replica);
      expect(partitions).toContain('task.created[0]');
      expect(partitions).toContain('notification.created[0]');
      const { status } = await fetch(replica.graphql.replace('/graphql', '/readyz'));
      expect(status).toBe(503);
    });
  } finally {
    await resumePart(DATA, 'kafka');
  }
  await starting;
  await startGateway(replica);
  expect(await waitingFor(replica)).toEqual([]);

  const user = await newUser();
  const live = await subscribe(user, 'subscription { taskChanged { task { id } } }', {}, replica.graphql);
  // More than there are partitions, so that each has some.
  const tasks = await Promise.all(Array.from({ length: 40 }, (_, i) => createTask(user, { title: `Task ${i}` })));
  await eventually(async () => {
    expect(live.received.map(({ taskChanged }) => taskChanged.task.id).toSorted()).toEqual(
      tasks.map(({ id }) => id).toSorted(),
    );
  });
  await live.stop();
});
