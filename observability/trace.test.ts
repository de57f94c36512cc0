import { randomBytes } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { ZipkinSpan } from '@todo/service/testing/zipkin';
import { eventually } from '../e2e/stack/eventually.ts';
import { graphql } from '../e2e/stack/graphql.ts';
import { subscribe } from '../e2e/stack/subscription.ts';
import { newUser } from '../e2e/stack/user.ts';
import { spansOf } from '../e2e/stack/zipkin.ts';

const CREATE = `mutation Create($input: CreateTaskInput!) { createTask(input: $input) { id } }`;

/**
 * Each line is a span of an app, or of its sidecar, which has the app's id for its name; Zipkin's names are in lower case.
 * A sidecar that passes records on as they are, as the gateway's does, knows no trace of them and tells none of its own.
 */
const TRACE = `\
gateway mutation
  gateway fetch task
    api-gateway calllocal/task-service/graphql
      task-service calllocal/task-service/graphql
        task-service mutation
          task-service /v1.0/state/task-state/transaction
          task-service publish task.created
            analytics-service process task.created
            analytics-service pubsub/task.created
            gateway deliver taskchanged
              gateway fetch task
                api-gateway calllocal/task-service/graphql
                  task-service calllocal/task-service/graphql
                    task-service query
            notification-service process task.created
              notification-service publish notification.created
                gateway deliver notificationcreated
                  gateway fetch notification
                    api-gateway calllocal/notification-service/graphql
                      notification-service calllocal/notification-service/graphql
                        notification-service query
            notification-service pubsub/task.created
            scheduler-service process task.created
            scheduler-service pubsub/task.created
  gateway graphql.parse
  gateway graphql.plan
  gateway graphql.validate`;

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
    expect(tree(await spansOf(traceId), client).join('\n')).toBe(TRACE);
  });
  await Promise.all([changes.stop(), feed.stop()]);
});
