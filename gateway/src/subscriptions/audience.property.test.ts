import { expect, test } from '@jest/globals';
import type { Identity } from '@todo/service/identity';
import { sampling } from '@todo/service/testing/sampling';
import fc from 'fast-check';
import { createAudience } from './audience.ts';
import type { CloudEvent } from './event.ts';
import { compileFilter } from './filter.ts';

const INDEXED = [
  'event.data.a == identity.sub',
  'identity.claims.t == event.data.a && event.data.b == "x"',
  '(args.x == null || args.x == event.subject) && event.type == "e" && event.data.a == identity.claims.t',
  'event.subject == args.x',
  'event.data.b == args.x && event.data.a == identity.sub',
  'event.data.a + event.data.b == identity.sub + identity.claims.t',
  'event.data.a == (args.x == null ? identity.sub : args.x)',
  'has(event.data.a) && (event.data.b == "x" && event.data.a == identity.claims.t)',
  'event.data.list[0] == identity.claims.t',
  'event.data.list == identity.claims.list',
];
const OTHERS = [
  'event.data.a == identity.sub || event.data.b == args.x',
  '!(event.data.a == identity.sub)',
  'event.data.a != identity.sub',
  'event.data.a == identity.sub ? true : event.data.b == "x"',
  'event.data.a == event.data.b && identity.sub == identity.claims.t',
  'event.data.list.exists(one, one == identity.sub)',
  'event.type == "e"',
];

test.each(INDEXED)('%s has an index', (filter) => {
  expect(compileFilter(filter, ['x']).index).toBeDefined();
});
test.each(OTHERS)('%s has none', (filter) => {
  expect(compileFilter(filter, ['x']).index).toBeUndefined();
});

const value = fc.oneof(fc.constantFrom('x', 'y', '', '1', 1, 0, true, null), fc.constant(undefined));
const list = fc.oneof(fc.array(fc.constantFrom('x', 'y', 1), { maxLength: 2 }), fc.constant(undefined));
const event = fc.record({
  specversion: fc.constant('1.0'),
  id: fc.constant('1'),
  source: fc.constant('/s'),
  type: fc.constantFrom('e', 'f'),
  subject: fc.constantFrom('x', 'y', undefined),
  data: fc.oneof(fc.record({ a: value, b: value, list }), fc.constant(undefined), fc.constant('text')),
});
const identity = fc.oneof(
  fc.record({ sub: fc.constantFrom('x', 'y', '1'), scopes: fc.constant([]), claims: fc.record({ t: value, list }) }),
  fc.constant(undefined),
);
const subscriber = fc.record({
  filter: fc.constantFrom(...INDEXED, ...OTHERS),
  identity,
  args: fc.record({ x: fc.constantFrom('x', 'y', 1, null) }),
  leaves: fc.boolean(),
});

/** One subscriber of each filter, and an event that every index finds its own by. */
const everyone = [...INDEXED, ...OTHERS].map((filter) => ({
  filter,
  identity: { sub: 'x' as const, scopes: [] as const, claims: { t: 'x', list: ['x'] } },
  args: { x: 'x' as const },
  leaves: false,
}));
const reaching = {
  specversion: '1.0' as const,
  id: '1' as const,
  source: '/s' as const,
  type: 'e' as const,
  subject: 'x' as const,
  data: { a: 'x', b: 'x', list: ['x'] },
};

/** As it arrives: what is undefined is not there. */
const asJson = <T>(given: T): T => (given === undefined ? given : JSON.parse(JSON.stringify(given)));
const identityOf = (given: unknown) => asJson(given) as Identity | undefined;
const holds = (decide: () => boolean): boolean => {
  try {
    return decide();
  } catch {
    return false; // withheld
  }
};

test('whom an event reaches through the index is whom it reaches without', () => {
  const compiled = new Map([...INDEXED, ...OTHERS].map((filter) => [filter, compileFilter(filter, ['x'])]));
  let reached = 0;
  fc.assert(
    fc.property(fc.array(subscriber, { maxLength: 20 }), fc.array(event, { maxLength: 5 }), (subscribers, events) => {
      const audience = createAudience<number>();
      const accepts = subscribers.map(({ filter, identity, args, leaves }, i) => {
        const { accepts, index } = compiled.get(filter) as ReturnType<typeof compileFilter>;
        const who = identityOf(identity);
        const leave = audience.add(i, { topics: ['t'], index, key: index?.keyOfSubscriber(who, args) });
        if (leaves) leave();
        return (given: CloudEvent) => !leaves && holds(() => accepts(given, who, args));
      });
      for (const given of events.map(asJson) as CloudEvent[]) {
        const plain = accepts.flatMap((accepts, i) => (accepts(given) ? [i] : []));
        const indexed = audience
          .of('t', given, () => {})
          .flatMap((some) => [...some])
          .filter((i) => accepts[i]?.(given));
        expect(indexed.sort((a, b) => a - b)).toEqual(plain);
        const byKey = subscribers.map(({ filter, identity, args }) => {
          const { index } = compiled.get(filter) as ReturnType<typeof compileFilter>;
          return holds(() => index?.keyOfEvent(given) === index?.keyOfSubscriber(identityOf(identity), args));
        });
        expect(plain.filter((i) => !byKey[i])).toEqual([]);
        reached += plain.length;
      }
      expect(audience.of('other', { specversion: '1.0', id: '1', source: '/s', type: 'e' }, () => {})).toEqual([]);
    }),
    { ...sampling(2000), examples: [[everyone, [reaching]]] },
  );
  // Not because nobody is ever reached: the example reaches at least one of each filter that has an index.
  expect(reached).toBeGreaterThanOrEqual(INDEXED.length);
});

test('only those are looked at whom an event can concern', () => {
  const { index } = compileFilter('event.data.a == identity.sub', []);
  const audience = createAudience<number>();
  for (let i = 0; i < 1000; i++)
    audience.add(i, {
      topics: ['t'],
      index,
      key: index?.keyOfSubscriber({ sub: `u${i}`, scopes: [], claims: {} }, {}),
    });
  const failures: number[] = [];
  const of = (data: unknown) =>
    audience
      .of('t', { specversion: '1.0', id: '1', source: '/s', type: 'e', data }, (count) => failures.push(count))
      .map((some) => [...some]);
  expect(of({ a: 'u7' })).toEqual([[7]]);
  expect(of({ a: 7 })).toEqual([]);
  expect(failures).toEqual([]);
  expect(of({})).toEqual([]);
  expect(failures).toEqual([1000]);
});
