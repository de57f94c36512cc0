import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, expect, test } from '@jest/globals';
import type { Identity } from '@todo/service/identity';
import { sampling, timeLimit } from '@todo/service/testing/sampling';
import fc from 'fast-check';
import type { ExecutionResult } from 'graphql';
import { parse } from 'yaml';
import { features } from '../testing/differential/features.ts';
import { startGateways, type Gateways } from '../testing/differential/gateways.ts';
import { museum } from '../testing/differential/graph.ts';
import { guardedMuseum, guards } from '../testing/differential/guards.ts';
import { operations, type GeneratedOperation } from '../testing/differential/operations.ts';
import { createSubgraphs, type Answer } from '../testing/differential/subgraphs.ts';
import { createResolver } from '../testing/differential/values.ts';
import { inTurn } from '../testing/differential/turns.ts';
import { shop } from '../testing/shop.ts';
import { type TestSubgraph } from '../testing/subgraphs.ts';

const RUNS = 100;

const started: Gateways[] = [];
afterAll(async () => void (await Promise.all(started.map(({ stop }) => stop()))));

const SCOPES = [...new Set(Object.values(guards).flat())].filter((scope) => scope !== 'any');
const callers = fc.option(
  fc.subarray(SCOPES).map((scopes): Identity => ({ sub: 'ada', scopes, claims: {} })),
  { nil: undefined },
);

type Asked = { subgraph: string; body: string };

/** What an executor makes of an operation, and what it asks for. */
async function outcome(
  execute: Gateways['own'],
  operation: GeneratedOperation,
  answer: Answer,
  identity: Identity | undefined,
): Promise<{ result: ExecutionResult; asked: Asked[] }> {
  const asked: Asked[] = [];
  const { result } = await execute(
    operation,
    inTurn((subgraph, request) => {
      asked.push({ subgraph, body: JSON.stringify([request.query, request.variables]) });
      return answer(subgraph, request);
    }),
    identity,
  );
  return { result, asked };
}

const sorted = (errors: ExecutionResult['errors']) => (errors ?? []).map((error) => JSON.stringify(error)).toSorted();

/** Data as text, so that the order of fields counts; errors in any order, unless the same was asked for. */
function difference(own: ExecutionResult, reference: ExecutionResult, inOrder: boolean): string | undefined {
  if (JSON.stringify(own.data) !== JSON.stringify(reference.data)) return 'other data';
  if (!isDeepStrictEqual(own.extensions, reference.extensions)) return 'other faults';
  if (!isDeepStrictEqual(sorted(own.errors), sorted(reference.errors))) return 'other errors';
  return inOrder && !isDeepStrictEqual(own.errors, reference.errors) ? 'another order of errors' : undefined;
}

async function counterexample(
  definitions: TestSubgraph[],
  faults: { faults: number; broken: number; brokenTypes: number },
) {
  const gateways = await startGateways(definitions);
  started.push(gateways);
  const subgraphs = createSubgraphs(definitions);
  let fewer = 0;
  const property = fc.asyncProperty(
    operations(gateways.schema, ['id', 'email', 'age', 'height']),
    fc.nat(1_000_000).map(String),
    callers,
    async (operation, graph, identity) => {
      const resolver = createResolver(gateways.schema, graph, faults.faults);
      const answer = subgraphs({ resolver, seed: graph, ...faults });
      const own = await outcome(gateways.own, operation, answer, identity);
      const reference = await outcome(gateways.reference, operation, answer, identity);
      const problem = difference(own.result, reference.result, isDeepStrictEqual(own.asked, reference.asked));
      if (problem)
        throw new Error(
          [problem, operation, identity, own.result, reference.result, own.asked, reference.asked]
            .map((part) => JSON.stringify(part))
            .join('\n'),
        );
      if (own.asked.length > reference.asked.length) throw new Error('it asks for more');
      if (JSON.stringify(own.asked).length < JSON.stringify(reference.asked).length) fewer++;
    },
  );
  const details = await fc.check(property, sampling(RUNS));
  return {
    failure: details.failed ? `${fc.defaultReportMessage(details)}\n${String(details.errorInstance)}` : '',
    fewer,
  };
}

/** The graph of this repository. */
const { subgraphs: listed } = parse(readFileSync('rover.yaml', 'utf8')) as {
  subgraphs: Record<string, { routing_url: string; schema: { file: string } }>;
};
const own = Object.entries(listed).map(([name, { routing_url: url, schema }]): TestSubgraph => {
  return { name, url, typeDefs: readFileSync(schema.file, 'utf8') };
});

const graphs: Record<string, TestSubgraph[]> = {
  'the own graph': own,
  museum,
  'the guarded museum': guardedMuseum,
  shop,
  ...features,
};
const faults = [
  { faults: 0, broken: 0, brokenTypes: 0 },
  { faults: 10, broken: 0, brokenTypes: 0 },
  { faults: 3, broken: 6, brokenTypes: 3 },
];

test.each(Object.keys(graphs).flatMap((name) => faults.map((fault) => [name, fault] as const)))(
  'compiled and interpreted plans give the same: %s, %j',
  async (name, fault) => {
    const { failure, fewer } = await counterexample(graphs[name] as TestSubgraph[], fault);
    expect([failure, name !== 'museum' || fewer > 0]).toEqual(['', true]);
  },
  timeLimit(300_000),
);
