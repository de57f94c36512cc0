import { describe, expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { compileFilter } from './filter.ts';
import { subscriptionResources } from './resources.ts';
import { readTopics, type TopicProblems } from './topics.ts';

const event = {
  specversion: '1.0',
  id: 'e1',
  source: '/s',
  type: 't',
  subject: 's1',
  data: { owner: 'ada', stars: 4, tags: ['new'], none: null },
};
const ada = { sub: 'ada', scopes: ['read'], claims: { sub: 'ada', tenant: 't1' } };
const accepts = (
  filter: string,
  args: Record<string, unknown> = { id: null },
  identity: typeof ada | undefined = ada,
) => compileFilter(filter, ['id']).accepts(event, identity, args);

describe('a filter', () => {
  test.each<[string, boolean]>([
    ['event.data.owner == identity.sub', true],
    ['event.data.owner != identity.sub', false],
    ['event.data.stars > 3 && event.data.stars < 5', true],
    ['"new" in event.data.tags && "read" in identity.scopes', true],
    ['event.data.tags.exists(tag, tag == "old")', false],
    ['identity.claims.tenant == "t1"', true],
    ['has(event.data.missing) || event.type == "t"', true],
    ['event.data.none == null', true],
    ['event.data.owner.startsWith("a") && size(event.data.tags) == 1', true],
  ])('%s is %s', (filter, expected) => {
    expect(accepts(filter)).toBe(expected);
  });

  test('takes an argument that is not given for null', () => {
    const filter = 'args.id == null || args.id == event.subject';
    expect([accepts(filter), accepts(filter, { id: 's1' }), accepts(filter, { id: 's2' })]).toEqual([
      true,
      true,
      false,
    ]);
  });

  test('throws on an event of which it cannot tell', () => {
    expect(() => accepts('event.data.missing == 1')).toThrow(/missing/);
    expect(() => accepts('event.data.owner')).toThrow(/boolean/);
    expect(() => compileFilter('identity.sub == "ada"', []).accepts(event, undefined, {})).toThrow(/sub/);
  });

  test.each([
    ['event.data.', /./],
    ['evnt.data == 1', /unknown name "evnt"/],
    ['args.name == "x"', /unknown argument "name"/],
    ['event.data.owner.nope()', /unknown function "nope"/],
    ['event.data.tags.exists(tag, tga == "x")', /unknown name "tga"/],
  ])('%s does not compile', (filter, message) => {
    expect(() => compileFilter(filter, ['id'])).toThrow(message);
  });
});

const sdl = (fields: string) => `
  directive @topic(pubsub: String!, names: [String!]!, filter: String, public: Boolean! = false) on FIELD_DEFINITION
  type Query { a: Int }
  type Subscription { ${fields} }`;

function problemsOf(schema: string): string[] {
  try {
    readTopics(schema);
    return [];
  } catch (error) {
    return (error as TopicProblems).problems;
  }
}

describe('the topics of a schema', () => {
  test('are read from its subscription fields', () => {
    const [field, ...more] = readTopics(
      sdl('changed(id: ID): Int @topic(pubsub: "p", names: ["a", "b"], filter: "args.id == null") other: Int'),
    );
    expect(field).toMatchObject({ field: 'changed', pubsub: 'p', names: ['a', 'b'] });
    expect(more).toEqual([]);
  });

  test('are read where the subscription type has another name', () => {
    const named = `schema { query: Query subscription: Live } type Query { a: Int }
      type Live { x: Int @topic(pubsub: "p", names: ["a"], public: true) }`;
    expect(readTopics(named)).toHaveLength(1);
  });

  test.each([
    ['no filter, and not public', 'x: Int @topic(pubsub: "p", names: ["a"])', /Subscription.x: .*public: true/],
    [
      'a filter that does not compile',
      'x: Int @topic(pubsub: "p", names: ["a"], filter: "1 +")',
      /Subscription.x: .*does not compile/,
    ],
    [
      'an unknown argument',
      'x: Int @topic(pubsub: "p", names: ["a"], filter: "args.id == 1")',
      /unknown argument "id"/,
    ],
    ['no topic', 'x: Int @topic(pubsub: "p", names: [], public: true)', /names/],
    ['a topic that is a path', 'x: Int @topic(pubsub: "p", names: ["../a"], public: true)', /names/],
    [
      'a topic on two components',
      'x: Int @topic(pubsub: "p", names: ["a"], public: true) y: Int @topic(pubsub: "q", names: ["a"], public: true)',
      /a is fed by both p and q/,
    ],
  ])('are refused with %s', (_what, fields, message) => {
    expect(() => readTopics(sdl(fields))).toThrow(message);
  });

  test('are refused with all problems at once', () => {
    const two = 'x: Int @topic(pubsub: "p", names: ["a"]) y: Int @topic(pubsub: "p", names: ["b"], filter: "(")';
    expect(problemsOf(sdl(two))).toHaveLength(2);
  });
});

const resource = (topic: string, name: string) => ({
  apiVersion: 'dapr.io/v2alpha1',
  kind: 'Subscription',
  metadata: { name },
  spec: {
    pubsubname: 'p-replica',
    topic,
    routes: { default: `/events/${topic}` },
    deadLetterTopic: `${topic}.dlq`,
    metadata: { rawPayload: 'true' },
  },
  scopes: ['gate'],
});

test('a Dapr Subscription is made of each topic, once', () => {
  const yaml = subscriptionResources(
    sdl(
      'x: Int @topic(pubsub: "p", names: ["b", "A_x"], public: true) y: Int @topic(pubsub: "p", names: ["b"], public: true)',
    ),
    'gate',
  );
  expect(parseAllDocuments(yaml).map((document) => document.toJS())).toEqual([
    resource('A_x', 'gate-a-x'),
    resource('b', 'gate-b'),
  ]);
  expect(subscriptionResources('type Query { a: Int }', 'gate')).toBe('');
});
