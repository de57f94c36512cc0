import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect } from '@jest/globals';
import { attack, tally } from './tools/attack.ts';
import { codesOf, connect, type Operation, overHttp, refused, send, transports } from './tools/client.ts';
import { type Health, healthOf, recovered } from './tools/health.ts';
import { someone } from './tools/issuer.ts';
import { doubling, times } from './tools/repeat.ts';

const nested = (n: number, field: string, inner: string): string =>
  `${`${field} { `.repeat(n)}${inner}${' }'.repeat(n)}`;

let before: Health;
let token: string;
beforeAll(async () => {
  ({ token } = await someone());
  await Promise.all(transports.map(([, over]) => over({ query: '{ me { id } }' }, { token })));
  before = await healthOf();
});

/** Every limit is tried by users of its own: the rate limit must not be what answers. */
async function overAll(operation: Operation, ...codes: string[]): Promise<{ cameBack: string; inputs: number }> {
  const told: string[] = [];
  for (const [transport, over] of transports) {
    const answer = await over(operation, { token: (await someone()).token });
    // A URL is a header: Node takes 16 KiB of them.
    if (transport === 'HTTP GET' && answer.status === 431) {
      expect(codesOf(answer)).toEqual(['BAD_REQUEST']);
      told.push('431 BAD_REQUEST');
    } else told.push(refused(answer, ...codes));
  }
  return tally(told);
}

const floods: [what: string, code: string, operation: Operation][] = [
  ['10,000 aliases', 'TOKENS_LIMIT_EXCEEDED', { query: `{ ${times(10_000, (i) => `a${i}: __typename`)} }` }],
  ['101 aliases', 'ALIASES_LIMIT_EXCEEDED', { query: `{ me { ${times(101, (i) => `a${i}: id`)} } }` }],
  [
    '101 aliases in fragments',
    'ALIASES_LIMIT_EXCEEDED',
    { query: `{ me { ...F ...F } } fragment F on User { ${times(51, (i) => `a${i}: id`)} }` },
  ],
  [
    '21 fields on the first level',
    'ROOT_FIELDS_LIMIT_EXCEEDED',
    { query: `{ ${times(21, (i) => `a${i}: __typename`)} }` },
  ],
  ['51 directives', 'DIRECTIVES_LIMIT_EXCEEDED', { query: `{ me { id ${times(51, () => '@include(if: true)')} } }` }],
  ['51 unknown directives', 'DIRECTIVES_LIMIT_EXCEEDED', { query: `{ me { id ${times(51, (i) => `@x${i}`)} } }` }],
  ['the same field 6,000 times', 'TOKENS_LIMIT_EXCEEDED', { query: `{ me { ${times(6000, () => 'id')} } }` }],
  [
    '2^40 fields by fragments',
    'SELECTIONS_LIMIT_EXCEEDED',
    { query: `{ me { ...F0 } } ${doubling(40, 'User', 'id')}` },
  ],
  [
    '1,000 fragments that nothing spreads',
    'TOKENS_LIMIT_EXCEEDED',
    { query: `{ me { id } } ${times(1000, (i) => `fragment F${i} on User { id }`)}` },
  ],
  [
    'fragments in a circle',
    'GRAPHQL_VALIDATION_FAILED',
    { query: '{ me { ...A } } fragment A on User { ...B } fragment B on User { ...A }' },
  ],
  [
    'a fragment that spreads itself',
    'GRAPHQL_VALIDATION_FAILED',
    { query: '{ me { ...A } } fragment A on User { id ...A }' },
  ],
  [
    'selections in a circle, 40 deep',
    'DEPTH_LIMIT_EXCEEDED',
    { query: `{ tasks { nodes { ${nested(20, 'notifications { task', 'id')}${' }'.repeat(20)} } } }` },
  ],
  [
    'selections in a circle that multiply',
    'COST_LIMIT_EXCEEDED',
    {
      query: `{ tasks(first: 100) { nodes { ${nested(7, 'notifications(first: 100) { task', 'id')}${' }'.repeat(7)} } } }`,
    },
  ],
  [
    'lists of the largest size',
    'COST_LIMIT_EXCEEDED',
    { query: '{ me { notifications(first: 2147483647) { nodes { deliveries { attempts { at } } } } } }' },
  ],
  [
    'introspection in a circle',
    'INTROSPECTION_DEPTH_LIMIT_EXCEEDED',
    { query: `{ __schema { types { ${nested(5, 'fields { type', 'name')}${' }'.repeat(5)} } } }` },
  ],
  ['brackets nested 4,000 times', 'NESTING_LIMIT_EXCEEDED', { query: `{ task(id: ${'['.repeat(4000)}` }],
  [
    'a value nested 200 times',
    'INPUT_DEPTH_LIMIT_EXCEEDED',
    { query: `{ task(id: ${'['.repeat(200)}${']'.repeat(200)}) { id } }` },
  ],
  [
    'variables nested 500 times',
    'INPUT_DEPTH_LIMIT_EXCEEDED',
    {
      query: 'query ($id: ID!) { task(id: $id) { id } }',
      variables: { id: JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`) as unknown },
    },
  ],
  [
    '10,000 operations in a document',
    'TOKENS_LIMIT_EXCEEDED',
    { query: times(10_000, (i) => `query Q${i} { __typename }`), operationName: 'Q1' },
  ],
  ['500 variables', 'TOKENS_LIMIT_EXCEEDED', { query: `query (${times(2000, (i) => `$v${i}: ID`)}) { me { id } }` }],
  ['comments of 500 kB', 'GRAPHQL_VALIDATION_FAILED', { query: `#${'x'.repeat(500_000)}\n{ nothing }` }],
  ['80 mistakes', 'GRAPHQL_VALIDATION_FAILED', { query: `{ me { ${times(80, (i) => `nothing${i}`)} } }` }],
];

describe('floods', () => {
  for (const [what, code, operation] of floods)
    attack(`${what}, over every transport`, async () => overAll(operation, code));
});

const post = async (body: string | Buffer, headers: Record<string, string> = {}) =>
  send({ headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...headers }, body });

const code = (text: string): string => /"code":"(\w+)"/.exec(text)?.[1] ?? 'no code';

describe('sizes', () => {
  attack('a body of 10 MB', async () => {
    // The gateway answers while it is being sent: a client may find the connection closed instead.
    const told = await post(JSON.stringify({ query: '{ __typename }', variables: { x: 'x'.repeat(10_000_000) } })).then(
      ({ status, text }) => `${status} ${code(text)}`,
      (error: NodeJS.ErrnoException) => `closed (${error.code})`,
    );
    expect(['413 BAD_REQUEST', 'closed (EPIPE)', 'closed (ECONNRESET)']).toContain(told);
    return told.startsWith('closed') ? 'closed' : told;
  });

  attack('a body whose length says more than comes, and one of a length that no number holds', async () => {
    const told: string[] = [];
    for (const length of ['999999999999', '99999999999999999999', '-1', '1e3', '0x10']) {
      const { status, text } = await post('', { 'content-length': length });
      expect([length, status >= 400 && status < 500, code(text)]).toEqual([length, true, 'BAD_REQUEST']);
      told.push(`${status} BAD_REQUEST`);
    }
    return tally(told);
  });

  attack('decompression bombs: bodies in gzip, deflate, brotli and zstd', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, ' '));
    const told: string[] = [];
    for (const encoding of ['gzip', 'deflate', 'br', 'zstd', 'gzip, gzip', 'x-gzip', 'GZIP']) {
      const { status, text } = await post(bomb, { 'content-encoding': encoding });
      expect([encoding, status, code(text)]).toEqual([encoding, 415, 'BAD_REQUEST']);
      told.push(`${status} BAD_REQUEST`);
    }
    return tally(told);
  });

  attack('decompression bombs over a WebSocket: compression that is offered', async () => {
    const client = await connect({ token, headers: { 'sec-websocket-extensions': 'permessage-deflate' } });
    expect(client.socket.extensions).toBe('');
    client.socket.terminate();
    return 'not taken up';
  });

  attack('a WebSocket message of 10 MB, and one in a thousand fragments', async () => {
    const big = await connect({ token });
    big.socket.send('x'.repeat(10_000_000));
    const { code: closed } = await big.closed;
    expect(closed).toBe(1009);
    const many = await connect({ token });
    for (let i = 0; i < 1000; i++) many.socket.send('x'.repeat(10_000), { fin: false }, () => {});
    const second = await many.closed;
    expect(second.code).toBe(1009);
    return tally([`closed ${closed}`, `closed ${second.code}`]);
  });

  attack('batches of 2, 1,000 and none, and batches in batches', async () => {
    const told: string[] = [];
    const one = { query: '{ __typename }' };
    for (const batch of [[one, one], Array.from({ length: 1000 }, () => one), [], [[one]], [[[]]]]) {
      const { status, text } = await post(JSON.stringify(batch));
      expect([status, code(text)]).toEqual([400, 'BAD_REQUEST']);
      told.push('400 BAD_REQUEST');
    }
    return tally(told);
  });

  attack('variables with 50,000 names, and a list of 100,000 ids', async () => {
    const { token: own } = await someone();
    const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`v${i}`, i]));
    const first = await overHttp({ query: '{ me { id } }', variables: wide }, { token: own });
    // What no operation names is passed over.
    expect(first.status).toBe(200);
    const ids = Array.from({ length: 60_000 }, (_, i) => `${i}`);
    const query = 'mutation ($ids: [ID!]!) { completeTasks(ids: $ids) { id } }';
    return refused(await overHttp({ query, variables: { ids } }, { token: own }), 'BAD_USER_INPUT');
  });
});

describe('floods of subscriptions', () => {
  const WATCH = { query: 'subscription { taskReminder { id } }' };

  attack('more operations on one WebSocket than it may have', async () => {
    const client = await connect({ token: (await someone()).token });
    for (let i = 0; i < 130; i++) client.send({ id: `${i}`, type: 'subscribe', payload: WATCH });
    const ids = Array.from({ length: 30 }, (_, i) => `${100 + i}`);
    const refusals = await Promise.all(ids.map((id) => client.next((message) => message.id === id)));
    const told = refusals.map(({ type, payload }) => `${type} ${payload[0].extensions.code}`);
    expect(new Set(told)).toEqual(new Set(['error TOO_MANY_OPERATIONS']));
    client.socket.terminate();
    return tally(told);
  });

  attack('more streams of a user than it may have, over several connections and transports', async () => {
    const { token: own } = await someone();
    const clients = await Promise.all(Array.from({ length: 4 }, () => connect({ token: own })));
    for (const client of clients) {
      for (let i = 0; i < 25; i++) client.send({ id: `${i}`, type: 'subscribe', payload: WATCH });
      // What was sent after them has its answer when they have their places.
      client.send({ id: 'after', type: 'subscribe', payload: { query: '{ me { id } }' } });
      await client.next(({ id, type }) => id === 'after' && type === 'complete');
    }
    const told: string[] = [];
    for (const [transport, over] of transports)
      // A GET, too, may be a stream where it says so.
      if (!transport.startsWith('HTTP'))
        told.push(refused(await over(WATCH, { token: own }), 'TOO_MANY_SUBSCRIPTIONS'));
    for (const client of clients) client.socket.terminate();
    return tally(told);
  });
});

attack('all of it together: the gateway has recovered', async () => recovered(before), 180_000);
