import { beforeAll, describe, expect } from '@jest/globals';
import { attack, expectNothingLeaked, tally } from './tools/attack.ts';
import { type Answer, codesOf, connect, overHttp, send, transports } from './tools/client.ts';
import { type Health, healthOf, pollutionOf, recovered } from './tools/health.ts';
import { someone } from './tools/issuer.ts';
import { doubling, times } from './tools/repeat.ts';

let before: Health;
let token: string;
beforeAll(async () => {
  ({ token } = await someone());
  await overHttp({ query: '{ me { id } }' }, { token });
  before = await healthOf();
});

/** What it came to: a plan, or a refusal that says why. */
const isAnswered = (answer: Answer): string => {
  expectNothingLeaked(answer.text);
  expect(answer.status).toBeLessThan(500);
  if (answer.errors) return `${answer.status} ${[...new Set(codesOf(answer))].join(', ')}`;
  return `${answer.status}, planned`;
};

describe('what exhausted query planners', () => {
  attack('named fragments that are expanded at each spread (GHSA-q2f9-x4p4-7xmh)', async () => {
    const told: string[] = [];
    for (const levels of [10, 12, 13, 14, 20, 60, 100])
      for (const [type, root] of [
        ['User', 'me'],
        ['Task', 'tasks { nodes'],
      ] as const) {
        const query = `{ ${root} { ...F0 }${root.includes('{') ? ' }' : ''} } ${doubling(levels, type, 'id ... { id }')}`;
        told.push(isAnswered(await overHttp({ query }, { token: (await someone()).token })));
      }
    expect(told.join()).toMatch(/SELECTIONS_LIMIT_EXCEEDED/);
    return tally(told);
  });

  attack('inline fragments by which the planner’s shortcut is passed by (GHSA-p2q6-pwh5-m6jr)', async () => {
    const told: string[] = [];
    const conditions = (depth: number, inner: string): string =>
      depth === 0
        ? inner
        : `... @include(if: $a) { ${conditions(depth - 1, inner)} } ... @skip(if: $b) { ${conditions(depth - 1, inner)} }`;
    for (const depth of [2, 4, 5, 6]) {
      const inner = 'tasks { nodes { title notifications { id } reminders { id } } } notifications { nodes { id } }';
      const query = `query ($a: Boolean = true, $b: Boolean = false) { me { ${conditions(depth, inner)} } }`;
      told.push(isAnswered(await overHttp({ query }, { token: (await someone()).token })));
    }
    expect(told.join()).toMatch(/LIMIT_EXCEEDED/);
    return tally(told);
  });

  attack('choices among subgraphs that multiply (GHSA-fmj9-77q8-g6c4)', async () => {
    const told: string[] = [];
    // PageInfo is every subgraph's, and so is each type's id.
    const page = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';
    const task = `id notifications { id task { id reminders { id task { id history { ${page} nodes { version } } } } } }`;
    for (const count of [1, 5, 10, 20]) {
      const query = `{ ${times(count, (i) => `a${i}: me { id tasks { ${page} nodes { ${task} } } notifications { ${page} nodes { id task { ${task} } } } upcomingReminders { ${page} nodes { id task { ${task} } } } }`)} }`;
      told.push(isAnswered(await overHttp({ query }, { token: (await someone()).token })));
    }
    return tally(told);
  });

  attack('a thousand operations that no cache of plans knows', async () => {
    const told: string[] = [];
    const callers = await Promise.all(Array.from({ length: 4 }, () => someone()));
    for (let round = 0; round < 50; round++)
      told.push(
        ...(await Promise.all(
          callers.flatMap(({ token: own }, caller) =>
            Array.from({ length: 5 }, (_, i) =>
              overHttp(
                {
                  query: `query Q${round}_${caller}_${i} { me { a${round}: id tasks { nodes { t${i}: title reminders { id } } } } }`,
                },
                { token: own },
              ).then(isAnswered),
            ),
          ),
        )),
      );
    expect(new Set(told)).toEqual(new Set(['200, planned']));
    return tally(told);
  });
});

describe('prototype pollution (GHSA-pfjj-6f4p-rvmh)', () => {
  const NAMES = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__'];

  attack(
    'names of prototypes as aliases, operations, fragments, variables and keys, over every transport',
    async () => {
      const told: string[] = [];
      for (const name of NAMES)
        for (const [, over] of transports) {
          const own = await someone();
          const query = `query ${name}($${name}: String = "UTC") { ${name}: me { ${name}: id ...${name} } } fragment ${name} on User { polluted: streaks(timeZone: $${name}) { ${name}: longest } }`;
          // A body with a key `__proto__` is refused: see below.
          const variables = name === '__proto__' ? {} : { [name]: 'UTC' };
          const answer = await over({ query, operationName: name, variables }, { token: own.token });
          expect(answer.errors).toBeUndefined();
          expect(JSON.stringify(answer.data)).toBe(`{"${name}":{"${name}":"${own.id}","polluted":{"${name}":0}}}`);
          told.push('answered as any other name');
        }
      expect(await pollutionOf()).toEqual([]);
      return tally(told);
    },
  );

  attack('keys of prototypes in bodies, variables, extensions and the payload of connection_init', async () => {
    const told: string[] = [];
    for (const body of [
      '{"__proto__":{"polluted":1},"query":"{ me { id } }"}',
      '{"query":"{ me { id } }","variables":{"__proto__":{"polluted":1}}}',
      '{"query":"{ me { id } }","extensions":{"constructor":{"prototype":{"polluted":1}}}}',
      '{"query":"{ me { id } }","variables":{"constructor":{"prototype":{"polluted":1}}}}',
    ]) {
      const { status, text } = await send({
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body,
      });
      expect([status, /"code":"(\w+)"/.exec(text)?.[1]]).toEqual([400, 'BAD_REQUEST']);
      told.push('400 BAD_REQUEST');
    }
    const client = await connect({ token });
    const frame = (payload: string): string => `{"id":"${told.length}","type":"subscribe","payload":${payload}}`;
    for (const payload of [
      '{"query":"{ me { id } }","__proto__":{"polluted":1}}',
      '{"query":"{ me { id } }","variables":{"__proto__":{"polluted":1}},"extensions":{"constructor":{"prototype":{"polluted":1}}}}',
    ]) {
      const id = `${told.length}`;
      client.send(frame(payload));
      const got = await client.next((message) => message.id === id);
      expect(got.type).toBe('next');
      told.push('answered, and passed over');
    }
    client.socket.terminate();
    expect(await pollutionOf()).toEqual([]);
    return tally(told);
  });
});

attack('all of it together: the gateway has recovered', async () => recovered(before), 180_000);
