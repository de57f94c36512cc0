import { randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { eventually } from './stack/eventually.ts';
import { graphql } from './stack/graphql.ts';
import { subscribe } from './stack/subscription.ts';
import { newUser } from './stack/user.ts';
import { pathTo, spanNamed, spansOf } from './stack/zipkin.ts';

const CREATE = `mutation Create($input: CreateTaskInput!) { createTask(input: $input) { id } }`;

it('one trace leads from a client over gateway and sidecars to a subgraph, and on with the event to its consumers', async () => {
  const user = await newUser();
  const live = await subscribe(user, `subscription { taskChanged { task { title } } }`);
  const traceId = randomBytes(16).toString('hex');
  const clientSpan = randomBytes(8).toString('hex');
  const traceparent = `00-${traceId}-${clientSpan}-01`;
  const { errors } = await graphql(user, CREATE, { input: { title: 'Trace me' } }, { traceparent });
  expect(errors).toBeUndefined();
  await live.next((data) => data.taskChanged.task?.title === 'Trace me');

  await eventually(async () => {
    const spans = await spansOf(traceId);
    const served = spanNamed(spans, 'task-service', 'mutation');
    expect(served).toBeDefined();
    const path = pathTo(served as (typeof spans)[0], spans);
    expect(path[0]?.parentId).toBe(clientSpan);
    const [request, fetched, ...below] = path.map(({ name, localEndpoint }) => `${localEndpoint.serviceName} ${name}`);
    expect([request, fetched]).toEqual(['gateway mutation', 'gateway fetch task']);
    // The two sidecars' spans are in between.
    expect(below).toEqual([
      expect.stringMatching(/^api-gateway .*task-service/),
      expect.stringMatching(/^task-service .*task-service/),
      'task-service mutation',
    ]);

    // What the event that the mutation caused becomes belongs to the same trace.
    const processed = spanNamed(spans, 'notification-service', 'process task.created');
    const published = spanNamed(spans, 'task-service', 'publish task.created');
    expect(published?.parentId).toBe(served?.id);
    expect(processed?.parentId).toBe(published?.id);
  });
  expect(JSON.stringify(await spansOf(traceId))).not.toMatch(new RegExp(`Trace me|${user.token}`));
  await live.stop();
});
