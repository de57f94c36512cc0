import type { FetchDataKeyRenamer } from '@apollo/query-planner';
import type { GraphQLSchema } from 'graphql';
import { getOwn, objectAbove, setOwn, type Data, type Place } from './place.ts';
import { objectsAt } from './rewrites.ts';

type Group<T> = { variables: Data; members: T[] };

/**
 * Divides entities by the values that their `@fromContext` arguments take from the objects above them.
 * Without such arguments they are all in one group; no entities, no group.
 */
export function contextGroups<T extends { place: Place }>(
  schema: GraphQLSchema,
  rewrites: FetchDataKeyRenamer[] | undefined,
  entities: T[],
): Group<T>[] {
  if (entities.length === 0) return [];
  if (!rewrites || rewrites.length === 0) return [{ variables: {}, members: entities }];
  const groups = new Map<string, Group<T>>();
  for (const entity of entities) {
    const variables = contextOf(schema, rewrites, entity.place);
    const key = JSON.stringify(variables);
    const group = groups.get(key) ?? { variables, members: [] };
    group.members.push(entity);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** The first rewrite of a variable that finds a value wins: a context may be set on several types. */
function contextOf(schema: GraphQLSchema, rewrites: FetchDataKeyRenamer[], place: Place): Data {
  const variables: Data = {};
  for (const { path, renameKeyTo } of rewrites) {
    if (Object.hasOwn(variables, renameKeyTo)) continue;
    const up = path.findIndex((step) => step !== '..');
    let from: Place | undefined = place;
    for (let i = 0; i < up; i++) from = from && objectAbove(from);
    const field = path.at(-1);
    if (!from || field === undefined) continue;
    const value = valuesAt(schema, from.value, path.slice(up, -1), field);
    if (value !== undefined) setOwn(variables, renameKeyTo, value);
  }
  return variables;
}

function valuesAt(schema: GraphQLSchema, from: Data, path: string[], field: string): unknown {
  return objectsAt(schema, from, path)
    .map((object) => getOwn(object, field))
    .find((value) => value !== undefined);
}
