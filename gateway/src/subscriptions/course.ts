import { createHash } from 'node:crypto';
import type { SubscriptionNode } from '@apollo/query-planner';
import { GraphQLError } from 'graphql';
import type { Caller } from '../context.ts';
import type { AskedOperation, PreparedOperation } from '../operations/prepare.ts';
import type { Interest } from './audience.ts';
import type { CloudEvent } from './event.ts';
import { rootField } from './root-field.ts';
import type { TopicField } from './topics.ts';

/** What an open stream goes by, until the supergraph or its caller's token is another. */
export type Course = Omit<PreparedOperation, 'coerced'> & {
  plan: SubscriptionNode;
  topic: TopicField;
  interest: Interest;
  /** Throws where that cannot be told. */
  accepts: (event: CloudEvent) => boolean;
  caller: Caller;
  /** The same for streams that make the same result of an event. */
  resultKey: string;
};

/**
 * Sets a course. Throws a GraphQLError where the field is not fed from topics, or from others than it was `before`: a
 * cursor says nothing there.
 */
export function courseOf(
  asked: AskedOperation,
  prepared: PreparedOperation,
  caller: Caller,
  before?: TopicField,
): Course {
  const { supergraph, execution } = prepared;
  const { plan } = execution;
  const { field, args } = rootField(prepared);
  const topic = supergraph.topics.get(field);
  if (!topic || plan?.kind !== 'Subscription')
    throw new GraphQLError(`Subscription.${field} is not fed from topics`, { extensions: { code: 'BAD_REQUEST' } });
  if (before && sourceOf(topic) !== sourceOf(before))
    throw new GraphQLError(`Subscription.${field} is fed from other topics`, {
      extensions: { code: 'TOPICS_CHANGED' },
    });
  const { index, names: topics } = topic;
  const key = index?.keyOfSubscriber(caller.identity, args);
  return {
    supergraph,
    plan,
    execution,
    topic,
    interest: { topics, index, key },
    // The key first: it takes a hundredth of the time.
    accepts: (event) => index?.keyOfEvent(event) === key && topic.accepts(event, caller.identity, args),
    caller,
    resultKey: resultKeyOf(asked, prepared, caller),
  };
}

const sourceOf = ({ pubsub, names }: TopicField): string => [pubsub, ...names].join(' ');

/** A digest, as variables and claims can be long. */
function resultKeyOf({ key, variables }: AskedOperation, { supergraph }: PreparedOperation, caller: Caller): string {
  // Each token has these of its own, whoever it is for.
  const { iat: _iat, exp: _exp, nbf: _nbf, jti: _jti, ...claims } = caller.identity?.claims ?? {};
  const who = caller.identity && { ...caller.identity, claims };
  const all = JSON.stringify([supergraph.hash, key, variables, who, caller.headers]);
  return createHash('sha256').update(all).digest('base64url');
}
