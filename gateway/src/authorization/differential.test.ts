import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Identity } from '@todo/service/identity';
import { sampling, timeLimit } from '@todo/service/testing/sampling';
import fc from 'fast-check';
import { getNamedType, GraphQLError, isObjectType, type GraphQLFieldResolver } from 'graphql';
import { isObject, type Data } from '../executor/place.ts';
import { startGateways, type Gateways } from '../testing/differential/gateways.ts';
import { guardedMuseum, guards } from '../testing/differential/guards.ts';
import { operations } from '../testing/differential/operations.ts';
import { createSubgraphs } from '../testing/differential/subgraphs.ts';
import { createResolver } from '../testing/differential/values.ts';

let gateways: Gateways;
const subgraphs = createSubgraphs(guardedMuseum);
beforeAll(async () => {
  gateways = await startGateways(guardedMuseum);
});
afterAll(() => gateways.stop());

const SCOPES = [...new Set(Object.values(guards).flat())].filter((scope) => scope !== 'any');
const callers = fc.option(
  fc.subarray(SCOPES).map((scopes): Identity => ({ sub: 'ada', scopes, claims: {} })),
  { nil: undefined },
);

const isMet = (identity: Identity | undefined, name: string): boolean => {
  const guard = guards[name];
  if (guard === undefined) return true;
  return !!identity && (guard === 'any' || guard.some((scope) => identity.scopes.includes(scope)));
};

/** One server that withholds what the guards say. */
function withholding(resolver: GraphQLFieldResolver<any, unknown>, identity: Identity | undefined) {
  const shown = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shown);
    const name = isObject(value) ? String(value['__typename']) : '';
    return isMet(identity, name) ? value : new GraphQLError(`${name} is withheld`);
  };
  const guarded: GraphQLFieldResolver<Data, unknown> = (source, args, context, info) => {
    const { parentType, fieldName, returnType } = info;
    const owners = [parentType, ...(isObjectType(parentType) ? parentType.getInterfaces() : [])];
    const needed = [...owners.map(({ name }) => `${name}.${fieldName}`), getNamedType(returnType).name];
    if (!needed.every((name) => isMet(identity, name))) throw new GraphQLError('withheld');
    return shown(resolver(source, args, context, info));
  };
  return guarded;
}

/** What shows that something was fetched, by its name: texts name their object and field, numbers only their field. */
const TRACES: Record<string, RegExp> = {
  Statue: /"Statue:\d\/|\b(?:material|shipping|original)\b/,
  Badge: /\/badges?\//,
  'Query.me': /\bme\b/,
  'Query.grid': /\bgrid\b/,
  'Mutation.greet': /\bgreet\b/,
  'Painting.canvas': /\bcanvas\b/,
  'Painting.title': /"Painting:\d\/title/,
  'Painting.insurance': /\binsurance\b/,
  'Work.score': /\bscore\b/,
  'Person.age': /\bage\b/,
  'Person.level': /\blevel\b/,
  'Review.text': /"Review:\d\/text/,
  'Room.name': /"Room:[\d-]+\/name/,
  'Address.street': /\bstreet\b/,
  'Size.exact': /\bexact\b/,
  Json: /\bnotes\b/,
};

test(
  'generated operations gain nothing, and lose nothing else',
  async () => {
    const property = fc.asyncProperty(
      operations(gateways.schema, ['id', 'email', 'age', 'height', 'title']),
      fc.nat(1_000_000).map(String),
      callers,
      async (operation, graph, identity) => {
        const resolver = createResolver(gateways.schema, graph, 0);
        const asked: string[] = [];
        const answer = subgraphs({ resolver, seed: graph });
        const own = await gateways.own(
          operation,
          async (name, request) => {
            const given = await answer(name, request);
            // Aliases are the client's, and say nothing.
            asked.push(request.query.replace(/\w+:(?=\w)/g, ''), JSON.stringify(Object.values(given.data ?? {})));
            return given;
          },
          identity,
        );
        const whole = gateways.whole(operation, withholding(resolver, identity));
        const show = () => JSON.stringify([operation, identity, own.result, whole, asked]);
        if (JSON.stringify(own.result.data) !== JSON.stringify(whole.data)) throw new Error(`other data: ${show()}`);
        for (const [name, trace] of Object.entries(TRACES))
          if (!isMet(identity, name) && trace.test(asked.join('\n'))) throw new Error(`${name} was fetched: ${show()}`);
      },
    );
    const details = await fc.check(property, sampling(150));
    expect(details.failed ? `${fc.defaultReportMessage(details)}\n${String(details.errorInstance)}` : '').toBe('');
  },
  timeLimit(300_000),
);
