import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect } from '@jest/globals';
import { buildSchema, isInterfaceType, isUnionType } from 'graphql';
import { graphql } from '../stack/graphql.ts';
import { publish } from '../stack/publish.ts';
import { ready } from '../stack/ready.ts';
import { attack, tally } from './tools/attack.ts';
import { codesOf, freshAddress, overHttp, refused, transports } from './tools/client.ts';
import { someone } from './tools/issuer.ts';

const schema = buildSchema(readFileSync('schema/supergraph.graphql', 'utf8'), { assumeValidSDL: true });

let mallory: { id: string; token: string };
beforeAll(async () => {
  mallory = await someone();
});

describe('what needs the scope of an administrator', () => {
  const queries: [string, string][] = [
    [
      'plainly',
      '{ deadLetters { nodes { id payload } } organizationReport(from: "2026-01-01", to: "2026-01-02") { asOf } }',
    ],
    ['under an alias', '{ me: deadLetters { nodes { payload } } }'],
    ['in a fragment', '{ ...F } fragment F on Query { deadLetters { nodes { payload } } }'],
    [
      'in fragments in fragments',
      '{ ...A } fragment A on Query { ... { ...B } } fragment B on Query { ... on Query { organizationReport(from: "2026-01-01", to: "2026-01-02") { total { created } } } }',
    ],
    ['by an inclusion', 'query ($yes: Boolean = true) { deadLetters @include(if: $yes) { nodes { id } } }'],
    [
      'by its type’s name alone',
      '{ deadLetters { __typename } organizationReport(from: "2026-01-01", to: "2026-01-02") { __typename } }',
    ],
    ['a mutation', 'mutation { replayDeadLetter(id: "1") { id payload } }'],
    [
      'a mutation in a fragment',
      'mutation { ...F } fragment F on Mutation { discardDeadLetter(id: "1") { __typename } }',
    ],
  ];
  const claims: [string, Record<string, unknown>][] = [
    ['of no scope', {}],
    ['of look-alike scopes', { scope: 'Admin ADMIN admin, admin:read administrator' }],
    ['with the scope in other claims', { scopes: ['admin'], scp: 'admin', roles: ['admin'], permissions: 'admin' }],
    ['with scopes as a list', { scope: ['admin'] }],
  ];
  for (const [who, more] of claims)
    attack(`by a caller ${who}, over every transport`, async () => {
      const { token } = await someone(more);
      const told: string[] = [];
      for (const [, query] of queries)
        for (const [transport, over] of transports) {
          const isWrong = transport === 'HTTP GET' && query.startsWith('mutation');
          told.push(refused(await over({ query }, { token }), isWrong ? 'BAD_REQUEST' : 'FORBIDDEN'));
        }
      return tally(told);
    });

  attack('the letters of one’s own events', async () => {
    const id = randomUUID();
    const event = {
      specversion: '1.0',
      id,
      source: 'test',
      type: 'com.todo.task.created.v9',
      time: new Date().toISOString(),
      subject: 'x',
      data: { ownerId: mallory.id },
    };
    await publish('task.created', event, 'x');
    const told = [
      refused(
        await overHttp(
          { query: '{ deadLetters(topic: "task.created") { nodes { eventId payload } } }' },
          { token: mallory.token },
        ),
        'FORBIDDEN',
      ),
      refused(
        await overHttp({ query: `mutation { discardDeadLetter(id: "${id}") { id } }` }, { token: mallory.token }),
        'FORBIDDEN',
      ),
    ];
    return tally(told);
  });

  attack('interfaces and unions: the schema has none that would be a way around', async () => {
    const abstract = Object.values(schema.getTypeMap()).filter(
      (type) => (isInterfaceType(type) || isUnionType(type)) && !type.name.startsWith('_'),
    );
    expect(abstract.map(({ name }) => name)).toEqual([]);
    return 'none; gateway/src/authorization/attacks.test.ts attacks a schema that has some';
  });

  attack('introspection tells what there is, and runs none of it', async () => {
    const { token } = await someone();
    const query =
      '{ __type(name: "DeadLetter") { fields { name } } __schema { queryType { fields { name } } } deadLetters { nodes { id } } }';
    const answer = await overHttp({ query }, { token, from: freshAddress() });
    expect(codesOf(answer)).toEqual(['FORBIDDEN']);
    expect(JSON.stringify(answer.data ?? null)).not.toMatch(/"nodes"/);
    return `${answer.status} FORBIDDEN`;
  });

  attack('a plan that an administrator had made', async () => {
    const admin = await someone({ scope: 'admin' });
    const query = '{ deadLetters(first: 1) { pageInfo { hasNextPage } } }';
    const { errors } = await graphql({ token: admin.token }, query);
    expect(errors).toBeUndefined();
    expect(ready().urls.graphql).toBeDefined();
    return refused(await overHttp({ query }, { token: mallory.token }), 'FORBIDDEN');
  });
});
