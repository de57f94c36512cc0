import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startExecution, type TestExecution } from '../testing/execution.ts';
import { FEDERATION, type TestSubgraph } from '../testing/subgraphs.ts';

const vehicles = [
  { __typename: 'Bike', plate: 'b1', gears: 7 },
  { __typename: 'Truck', plate: 't1', axles: 3 },
];

/** The garage knows which vehicle is of which type; the fleet has all of them as objects of one. */
const depot: TestSubgraph[] = [
  {
    name: 'garage',
    typeDefs: `${FEDERATION}
      type Query { vehicles: [Vehicle!]! }
      interface Vehicle @key(fields: "plate") { plate: ID! }
      type Bike implements Vehicle @key(fields: "plate") { plate: ID!, gears: Int! }
      type Truck implements Vehicle @key(fields: "plate") { plate: ID!, axles: Int! }`,
    resolvers: {
      Query: { vehicles: () => vehicles },
      Vehicle: {
        __resolveReference: ({ plate }: { plate: string }) => vehicles.find((vehicle) => vehicle.plate === plate),
      },
    },
  },
  {
    name: 'fleet',
    typeDefs: `${FEDERATION}
      type Query { newest: Vehicle! }
      type Vehicle @key(fields: "plate") @interfaceObject {
        plate: ID!, mileage(unit: String = "km"): String!, trips(last: Int!): [Trip!]!
      }
      type Trip { from: String!, to: String! }`,
    resolvers: {
      Query: { newest: () => ({ plate: 't1' }) },
      Vehicle: {
        __resolveReference: (vehicle: object) => vehicle,
        mileage: ({ plate }: { plate: string }, { unit }: { unit: string }) => `${plate} ${unit}`,
        trips: (_vehicle: object, { last }: { last: number }) =>
          Array.from({ length: last }, () => ({ from: 'A', to: 'B' })),
      },
    },
  },
];

let execution: TestExecution;
beforeAll(async () => {
  execution = await startExecution(depot);
});
afterAll(() => execution.stop());

describe('of what a subgraph has as objects of an interface', () => {
  test('the type that is known stays known, and so does what is selected of it', async () => {
    const query = '{ vehicles { ... on Bike { mileage ... on Vehicle { __typename t: __typename } gears } } }';
    expect(await execution.execute(query)).toEqual({
      data: { vehicles: [{ mileage: 'b1 km', __typename: 'Bike', t: 'Bike', gears: 7 }, {}] },
    });
    expect(await execution.executeStock(query)).toEqual({ data: { vehicles: [{}, {}] } });
  });

  test('each type has the arguments that are given for it', async () => {
    const query =
      '{ vehicles { ... on Bike { mileage(unit: "mi") } ... on Truck { mileage } } newest { ... on Truck { mileage } } }';
    expect(await execution.execute(query)).toEqual({
      data: { vehicles: [{ mileage: 'b1 mi' }, { mileage: 't1 km' }], newest: { mileage: 't1 km' } },
    });
    expect(await execution.executeStock(query)).not.toMatchObject({
      data: { vehicles: [{ mileage: 'b1 mi' }, { mileage: 't1 km' }] },
    });
  });

  test('each type has the fields that are selected under one name', async () => {
    const query = `query ($n: Int!) { vehicles {
      ... on Bike { way: trips(last: 1) { x: from } plate }
      ... on Truck { way: trips(last: $n) { x: to } way: trips(last: $n) { __typename } }
    } }`;
    expect(await execution.execute(query, { n: 2 })).toEqual({
      data: {
        vehicles: [
          { way: [{ x: 'A' }], plate: 'b1' },
          {
            way: [
              { x: 'B', __typename: 'Trip' },
              { x: 'B', __typename: 'Trip' },
            ],
          },
        ],
      },
    });
  });

  test('names that must not collide are still the client’s to choose', async () => {
    const query =
      '{ vehicles { ... on Bike { mileage__1: plate mileage(unit: "a") } ... on Truck { mileage(unit: "b") } } }';
    expect(await execution.execute(query)).toEqual({
      data: { vehicles: [{ mileage__1: 'b1', mileage: 'b1 a' }, { mileage: 't1 b' }] },
    });
  });
});
