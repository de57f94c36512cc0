import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { sampling, timeLimit } from '@todo/service/testing/sampling';
import fc from 'fast-check';
import { parse, type ExecutionResult, type GraphQLFormattedError } from 'graphql';
import { withSomethingSelected } from '../planner/conditions.ts';
import { startGateways, type Gateways, type OwnResult } from '../testing/differential/gateways.ts';
import { readMerged } from '../testing/differential/merged.ts';
import { museum } from '../testing/differential/graph.ts';
import { operations, type GeneratedOperation } from '../testing/differential/operations.ts';
import { createSubgraphs } from '../testing/differential/subgraphs.ts';
import { createResolver } from '../testing/differential/values.ts';
import { getOwn, isObject, type Data } from './place.ts';

const RUNS = 80;

let gateways: Gateways;
const subgraphs = createSubgraphs(museum);
beforeAll(async () => {
  gateways = await startGateways(museum);
});
afterAll(() => gateways.stop());

/** Where stock Apollo Gateway is wrong by the specification: there it is not compared with. */
const stockIsWrong: Record<string, (operation: GeneratedOperation, own: OwnResult, stock: ExecutionResult) => boolean> =
  {
    'it makes an object null of which every field is skipped': ({ query }) => {
      const document = parse(query);
      return withSomethingSelected(gateways.schema, document) !== document;
    },
    'it takes fields of several types under one name for one, where a subgraph has their interface as an object; and the client’s aliases for its own fields':
      (_operation, { responseNames }) => responseNames.size > 0,
    'it loses 0, "", false and null of fields that it fetched under an alias of its own': (_operation, { plan }) =>
      JSON.stringify(plan ?? null).includes('KeyRenamer'),
    'it leaves out the fields beside one that is skipped, where that one requires others': (_operation, { plan }) =>
      JSON.stringify(plan ?? null).includes('neededFor'),
    'it gives up the whole response over a list or an object that is none': (_operation, _own, { data }) =>
      data === undefined,
    'it takes an empty list for an object': (_operation, { merged, result }) => hasEmptyForNull(merged, result.data),
    'it gives up a fetch over such a one': (_operation, _own, { errors }) =>
      !!errors?.some(({ message, extensions }) => !extensions?.['code'] && !/_entities/.test(message)),
  };

/** Whether a subgraph's empty list was made null. */
function hasEmptyForNull(merged: unknown, shaped: unknown): boolean {
  if (shaped === null) return Array.isArray(merged) && merged.length === 0;
  if (!isObject(shaped) && !Array.isArray(shaped)) return false;
  return Object.entries(shaped).some(([key, value]) => hasEmptyForNull(getOwn(merged as Data, key), value));
}

const where = ({ path, extensions }: GraphQLFormattedError) => JSON.stringify([path, extensions?.['code']]);
/** Stock gives a malformed response neither code nor service. */
const kinds = ({ errors }: ExecutionResult) =>
  (errors ?? [])
    .map(({ message, extensions }) =>
      /_entities/.test(message) ? 'malformed' : JSON.stringify([extensions['code'], extensions['service']]),
    )
    .toSorted();

/** Throws where two results are different, with all that is needed to see why. */
function agree(what: string, holds: boolean, ...shown: unknown[]): void {
  if (!holds) throw new Error(`${what}\n${shown.map((one) => JSON.stringify(one)).join('\n')}`);
}

async function compareWithStock(operation: GeneratedOperation, own: OwnResult, stock: ExecutionResult): Promise<void> {
  if (Object.values(stockIsWrong).some((applies) => applies(operation, own, stock))) return;
  agree('stock has other data', isDeepStrictEqual(stock.data, own.result.data), operation, own, stock);
  agree('stock has other errors', isDeepStrictEqual(kinds(stock), kinds(own.result)), operation, own, stock);
}

/** Looks for a counterexample: what it is, with the seed, or nothing. */
async function counterexample(play: (operation: GeneratedOperation, graph: string) => Promise<void>) {
  const property = fc.asyncProperty(operations(gateways.schema), fc.nat(1_000_000).map(String), play);
  const details = await fc.check(property, sampling(RUNS));
  return details.failed ? `${fc.defaultReportMessage(details)}\n${String(details.errorInstance)}` : '';
}

test.each([0, 5, 20])(
  'one graph of many subgraphs answers as one server would, where %i of 100 fields fail',
  async (faults) => {
    const play = async (operation: GeneratedOperation, graph: string): Promise<void> => {
      const resolver = createResolver(gateways.schema, graph, faults);
      const answer = subgraphs({ resolver, seed: graph });
      const own = await gateways.own(operation, answer);
      const whole = gateways.whole(operation, resolver);
      const { data, errors = [] } = own.result;
      // As text: the order of fields counts.
      const isSame = JSON.stringify(data) === JSON.stringify(whole.data);
      agree('one server has other data', isSame, operation, own, whole);
      for (const error of whole.errors ?? [])
        agree('an error is missing', isTold(error, own.result), error, operation, own, whole);
      const known = new Set((whole.errors ?? []).map(where));
      for (const error of errors) {
        const isRight = known.has(where(error)) || isHidden(error, data);
        agree('an error is elsewhere', isRight, error, operation, own, whole);
      }
      await compareWithStock(operation, own, await gateways.stock(operation, answer));
    };
    expect(await counterexample(play)).toBe('');
  },
  timeLimit(300_000),
);

/** Whether a result tells of an error: at its place, above it or below. */
function isTold({ path = [] }: GraphQLFormattedError, { errors = [], extensions }: ExecutionResult): boolean {
  const faults = (extensions?.['valueCompletion'] ?? []) as GraphQLFormattedError[];
  return [...errors, ...faults].some(
    ({ path: told }) => told && told.slice(0, path.length).every((step, i) => step === path[i]),
  );
}

/**
 * Whether one server would not tell of it: it is within a null, or of a field that another requires, or was asked for
 * because of objects of another type, of a subgraph that knows no types.
 */
function isHidden({ path = [] }: GraphQLFormattedError, data: unknown): boolean {
  if (['height', 'size', 'width', 'age'].includes(String(path.at(-1)))) return true;
  let value = data;
  for (const step of path) {
    if (value === null || value === undefined) return true;
    value = getOwn(value as Data, String(step));
  }
  return value === undefined;
}

test.each<[what: string, faults: { broken?: number; brokenTypes?: number }]>([
  ['values', { broken: 6 }],
  ['names of types', { brokenTypes: 10 }],
  ['values and names of types', { broken: 3, brokenTypes: 3 }],
])(
  'answers with broken %s are shaped as graphql-js shapes them',
  async (_what, faults) => {
    const play = async (operation: GeneratedOperation, graph: string): Promise<void> => {
      const answer = subgraphs({ resolver: createResolver(gateways.schema, graph, 3), seed: graph, ...faults });
      const own = await gateways.own(operation, answer);
      if (!faults.brokenTypes) await compareWithStock(operation, own, await gateways.stock(operation, answer));
      // Read under the client's names, so there must be no others.
      if (own.responseNames.size > 0) return;
      const reading = readMerged(gateways.schema);
      const whole = gateways.whole(operation, reading.resolver, own.merged);
      if (reading.isUndecided()) return;
      const isSame = JSON.stringify(own.result.data) === JSON.stringify(whole.data);
      agree('graphql-js has other data', isSame, operation, own, whole);
      for (const error of whole.errors ?? [])
        agree('a fault is not told', isTold(error, own.result), error, operation, own, whole);
    };
    expect(await counterexample(play)).toBe('');
  },
  timeLimit(300_000),
);

test('what stands for a seed is repeatable', () => {
  expect(fc.sample(operations(gateways.schema), { numRuns: 5, seed: 7 })).toEqual(
    fc.sample(operations(gateways.schema), { numRuns: 5, seed: 7 }),
  );
});
