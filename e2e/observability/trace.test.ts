import { randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { ZipkinSpan } from '@todo/service/testing/zipkin';
import { eventually } from '../stack/eventually.ts';
import { graphql } from '../stack/graphql.ts';
import { subscribe } from '../stack/subscription.ts';
import { newUser } from '../stack/user.ts';
import { spansOf } from '../stack/zipkin.ts';

const CREATE = `mutation Create($input: CreateTaskInput!) { createTask(input: $input) { id } }`;

/** A span with those below it: `app name`, deeper ones indented by two more. */
function tree(spans: ZipkinSpan[], parentId: string, depth = 0): string[] {
  return spans
    .filter((span) => span.parentId === parentId)
    .map((span) => ({ span, line: `${span.localEndpoint.serviceName} ${span.name}` }))
    .toSorted((a, b) => (a.line < b.line ? -1 : 1))
    .flatMap(({ span, line }) => [`${'  '.repeat(depth)}${line}`, ...tree(spans, span.id, depth + 1)]);
}

it('one trace leads from a mutation to what its subscriber gets of it, through everything in between', async () => {
  const user = await newUser();
  const changes = await subscribe(user, `subscription { taskChanged { task { title } } }`);
  const feed = await subscribe(user, `subscription { notificationCreated { notification { message } } }`);
  const traceId = randomBytes(16).toString('hex');
  const client = randomBytes(8).toString('hex');
  const traceparent = `00-${traceId}-${client}-01`;
  const { errors } = await graphql(user, CREATE, { input: { title: 'Trace me' } }, { traceparent });
  expect(errors).toBeUndefined();
  await changes.next((data) => data.taskChanged.task?.title === 'Trace me');
  await feed.next((data) => /Trace me/.test(data.notificationCreated.notification.message));

  await eventually(async () => {
    const lines = tree(await spansOf(traceId), client);
    console.log(lines.join('\n'));
    expect(lines).toEqual([]);
  }, 12000);
  await Promise.all([changes.stop(), feed.stop()]);
}, 60_000);
