import type { FetchNode } from '@apollo/query-planner';
import { GraphQLError, isInterfaceType, isObjectType } from 'graphql';
import { contextGroups } from '../../executor/context-arguments.ts';
import { merge } from './merge.ts';
import { getOwn, isObject, pathOf, setOwn, type Data, type Place } from '../../executor/place.ts';
import { neededNow, representationOf } from '../../executor/representation.ts';
import { applyRewrites, rewrittenName } from '../../executor/rewrites.ts';
import type { Run } from './run.ts';
import { subgraphError, type Path } from '../../executor/subgraph-error.ts';

/** Executes one fetch of a plan and merges its answer into the places. What fails ends in `run.errors`. */
export async function executeFetch(run: Run, node: FetchNode, places: Place[]): Promise<void> {
  if (places.length === 0) return;
  try {
    await (node.requires ? fetchEntities(run, node, places) : fetchRoot(run, node, places));
  } catch (error) {
    note(run, error);
  }
}

function note(run: Run, error: unknown): void {
  run.errors.push(
    error instanceof GraphQLError ? error : new GraphQLError(String(error), { originalError: error as Error }),
  );
}

async function fetchRoot(run: Run, node: FetchNode, places: Place[]): Promise<void> {
  const base = pathOf(places[0] as Place);
  const data = await send(run, node, variablesFor(run, node), (path) => path && [...base, ...path]);
  if (!data) return;
  applyRewrites(run.supergraphSchema, node.outputRewrites, data);
  places.forEach((place, i) => merge(place.value, i === 0 ? data : structuredClone(data)));
}

async function fetchEntities(run: Run, node: FetchNode, places: Place[]): Promise<void> {
  if (node.variableUsages?.includes('representations')) throw reservedVariable();
  const requires = neededNow(run.defaultedVariables, node.requires ?? []);
  const entities: { place: Place; representation: Data }[] = [];
  for (const place of places) {
    const representation = representationOf(run.supergraphSchema, place.value, requires);
    if (!representation) continue;
    applyRewrites(run.supergraphSchema, node.inputRewrites, representation);
    entities.push({ place, representation });
  }
  // An operation has one value per variable: entities whose context differs are fetched apart.
  const groups = contextGroups(run.supergraphSchema, node.contextRewrites, entities);
  await Promise.all(
    groups.map(async ({ variables, members }) => {
      const representations = members.map((member) => member.representation);
      const all = { ...variablesFor(run, node), ...variables, representations };
      try {
        const data = await send(run, node, all, (path) => entityPath(members, path));
        if (data) mergeEntities(run, node, members, data);
      } catch (error) {
        // Each group for itself: the others' answers are still to come.
        note(run, error);
      }
    }),
  );
}

function mergeEntities(run: Run, node: FetchNode, members: { place: Place }[], data: Data): void {
  const entities = getOwn(data, '_entities');
  if (!Array.isArray(entities) || entities.length !== members.length)
    throw malformed(node.serviceName, `"_entities" is not a list of those asked for`);
  members.forEach(({ place }, i) => {
    const entity: unknown = entities[i];
    if (!isObject(entity)) return;
    // Type conditions of output rewrites need to know the type.
    if (!entity['__typename'] || isInterfaceObject(run, entity, place.value))
      entity['__typename'] = place.value['__typename'];
    applyRewrites(run.supergraphSchema, node.outputRewrites, entity);
    merge(place.value, entity);
  });
}

/** A subgraph that has an interface as an object knows less than is known: the interface is no type of an object. */
function isInterfaceObject({ supergraphSchema }: Run, entity: Data, known: Data): boolean {
  const typeOf = ({ __typename: name }: Data) =>
    typeof name === 'string' ? supergraphSchema.getType(name) : undefined;
  return isInterfaceType(typeOf(entity)) && isObjectType(typeOf(known));
}

/** `_entities.N.rest` of a subgraph's answer, as a path of the client's response. */
function entityPath(members: { place: Place }[], path: Path | undefined): Path | undefined {
  const index = path?.[1];
  const member = typeof index === 'number' ? members[index] : undefined;
  return path && member && [...pathOf(member.place), ...path.slice(2)];
}

function variablesFor(run: Run, node: FetchNode): Data {
  const variables: Data = {};
  for (const name of node.variableUsages ?? []) {
    // Arguments from a context are the plan's: no client sets them.
    if (node.contextRewrites?.some(({ renameKeyTo }) => renameKeyTo === name)) continue;
    const value = getOwn(run.variables, name);
    if (value !== undefined) setOwn(variables, name, value);
  }
  return variables;
}

async function send(
  run: Run,
  node: FetchNode,
  variables: Data,
  pathInResponse: (path: Path | undefined) => Path | undefined,
): Promise<Data | undefined> {
  const response = await run.fetchSubgraph({
    subgraph: node.serviceName,
    kind: node.operationKind,
    query: node.operation,
    operationName: node.operationName,
    variables,
  });
  const clientPath = (path: Path | undefined): Path | undefined => toClientPath(run, node, pathInResponse(path));
  const { errors = [] } = response;
  if (errors !== null && !Array.isArray(errors)) throw malformed(node.serviceName, '"errors" is not a list');
  for (const error of errors ?? []) run.errors.push(subgraphError(node.serviceName, error, clientPath));
  if (response.data === null || response.data === undefined) return undefined;
  if (!isObject(response.data)) throw malformed(node.serviceName, '"data" is not an object');
  return response.data;
}

/** The plan has fields under names of its own; the client's path has the names that the client knows. */
function toClientPath(run: Run, node: FetchNode, path: Path | undefined): Path | undefined {
  return path?.map((step) => {
    if (typeof step === 'number') return step;
    const name = rewrittenName(node.outputRewrites, step);
    return run.responseNames.get(name) ?? name;
  });
}

/** The federation spec has that name for a fetch's entities. */
function reservedVariable(): GraphQLError {
  return new GraphQLError('a variable of this operation must not be called "representations"', {
    extensions: { code: 'BAD_USER_INPUT' },
  });
}

function malformed(service: string, detail: string): GraphQLError {
  return new GraphQLError(`the subgraph ${service} answered with a malformed response: ${detail}`, {
    extensions: { code: 'SUBGRAPH_UNAVAILABLE', service },
  });
}
