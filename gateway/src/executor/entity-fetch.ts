import type { FetchNode, ResponsePath } from '@apollo/query-planner';
import { GraphQLError, isInterfaceType, isObjectType, type GraphQLSchema } from 'graphql';
import { entitiesIn, note, type Entities } from './answer.ts';
import type { Answered, Asked } from './asked.ts';
import { compileBody, type BodyOf } from './body.ts';
import { merge } from './merge.ts';
import { pathsTo } from './paths-to.ts';
import { isObject, setOwn, type Data } from './place.ts';
import type { RepresentationText } from './representation-text.ts';
import { applyRewrites } from './rewrites.ts';
import type { Run, Step } from './run.ts';
import { areTwins, copyOf, share } from './sharing.ts';
import type { Planned } from './steps.ts';
import { pathOfError, subgraphError, toClientPath, type Path } from './subgraph-error.ts';
import { compileObjectsAt, compileWalk, type Walk } from './walk.ts';

type EntityFetch = Planned & {
  node: FetchNode;
  path: ResponsePath;
  walk: Walk;
  bodyOf: BodyOf;
  like: string | undefined;
};

/** An entity that is wanted: its representation, and the objects that get its fields. */
type Wanted = { text: string; members: Data[] };

/**
 * Fetches fields of entities. Each is asked for once, however many objects it is in, and not again where another fetch of
 * the run asks the same of it.
 */
export function entityFetch(planned: Planned, node: FetchNode, path: ResponsePath): Step {
  if (node.variableUsages?.includes('representations')) return refused(path);
  const walk = compileWalk(path);
  const fetch: EntityFetch = { ...planned, node, path, walk, bodyOf: compileBody(node), like: planned.likeOf(node) };
  return (run) => {
    try {
      const wanted = wantedBy(run, fetch);
      return wanted.size === 0 ? undefined : fetchEntities(run, fetch, wanted);
    } catch (error) {
      note(run, error);
      return undefined;
    }
  };
}

/** The federation spec has that name for a fetch's entities. */
function refused(path: ResponsePath): Step {
  const objectsAt = compileObjectsAt(path);
  return (run) => {
    if (objectsAt(run.data, run.sharing).length === 0) return undefined;
    const message = 'a variable of this operation must not be called "representations"';
    note(run, new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } }));
    return undefined;
  };
}

/** What is wanted, by what tells it from others. An object that is equal to one before gives its place to that. */
function wantedBy(run: Run, { node, walk, supergraphSchema, mayShare }: EntityFetch): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  let textOf: RepresentationText | undefined;
  walk(run.data, run.sharing, (object, holder, key) => {
    textOf ??= run.variant.representationOf(node);
    let text = textOf(object);
    if (text === undefined) return;
    let identity = text;
    if (node.inputRewrites) {
      const representation: unknown = JSON.parse(text);
      applyRewrites(supergraphSchema, node.inputRewrites, representation);
      text = JSON.stringify(representation);
      // The name that is sent may be an interface's.
      identity = `${String(object['__typename'])} ${text}`;
    }
    const known = wanted.get(identity);
    const [first] = known?.members ?? [];
    if (!known || !first) wanted.set(identity, { text, members: [object] });
    else if (mayShare && areTwins(first, object)) {
      setOwn(holder as Data, String(key), first);
      share(run.sharing, first);
    } else known.members.push(object);
  });
  return wanted;
}

async function fetchEntities(run: Run, fetch: EntityFetch, wanted: Map<string, Wanted>): Promise<void> {
  const asked = fetch.like === undefined ? undefined : askedLike(run, fetch.like);
  const own: Wanted[] = [];
  const others = new Map<Answered, Map<number, Wanted>>();
  for (const [identity, one] of wanted) {
    const known = asked?.get(identity);
    if (!known) own.push(one);
    else others.set(known.answered, (others.get(known.answered) ?? new Map()).set(known.index, one));
  }
  // Of what fails as a whole the own request tells, or else one of the others.
  const waiting = [...others].map(([answered, part], i) =>
    receive(run, fetch, answered, { part, isShared: true, tells: own.length === 0 && i === 0 }),
  );
  if (own.length > 0) {
    const answered = ask(run, fetch, own);
    let index = 0;
    if (asked)
      for (const [identity, one] of wanted) if (one === own[index]) asked.set(identity, { answered, index: index++ });
    waiting.push(
      receive(run, fetch, answered, { part: new Map(own.entries()), isShared: asked !== undefined, tells: true }),
    );
  }
  await Promise.all(waiting);
}

function askedLike(run: Run, like: string): Asked {
  let asked = run.asked.get(like);
  if (!asked) run.asked.set(like, (asked = new Map()));
  return asked;
}

async function ask(run: Run, { node, bodyOf }: EntityFetch, wanted: Wanted[]): Promise<Entities> {
  let texts = '"representations":[';
  for (let i = 0; i < wanted.length; i++) texts += (i === 0 ? '' : ',') + (wanted[i] as Wanted).text;
  const request = { subgraph: node.serviceName, kind: node.operationKind, body: bodyOf(run, `${texts}]`) };
  return entitiesIn(node.serviceName, await run.fetchSubgraph(request), wanted.length);
}

/** `part`: what is wanted of an answer, by its index. `isShared`: others may want of it. `tells`: of what is wrong with all of it. */
type Taking = { part: ReadonlyMap<number, Wanted>; isShared: boolean; tells: boolean };

/** Takes what was wanted of an answer: a copy, unless nobody else can want anything of it. */
async function receive(run: Run, fetch: EntityFetch, answered: Answered, taking: Taking): Promise<void> {
  try {
    const { count, entities, errors, fault } = await answered;
    if (errors.length > 0) noteErrors(run, fetch, errors, count, taking);
    if (fault && taking.tells) note(run, fault);
    if (entities.length === 0) return;
    for (const [index, { members }] of taking.part) {
      const entity = entities[index];
      if (isObject(entity)) give(run, fetch, taking.isShared ? copyOf(entity) : entity, members);
    }
  } catch (error) {
    if (taking.tells) note(run, error);
  }
}

function give(run: Run, { node, supergraphSchema }: EntityFetch, entity: Data, members: Data[]): void {
  const [first] = members;
  if (!first) return;
  const name = entity['__typename'];
  const known = first['__typename'];
  // Type conditions of output rewrites need to know the type.
  if (
    name === undefined
      ? node.outputRewrites
      : name !== known && (!name || isInterfaceObject(supergraphSchema, name, known))
  )
    entity['__typename'] = known;
  applyRewrites(supergraphSchema, node.outputRewrites, entity);
  for (let i = members.length - 1; i >= 0; i--) {
    const member = members[i] as Data;
    // All but the last take copies, made before the entity's own objects are anybody's.
    const given = i === 0 ? entity : copyOf(entity);
    for (const copy of run.sharing.copies?.get(member) ?? []) merge(copy, copyOf(entity), run.sharing);
    merge(member, given, run.sharing);
  }
}

/** A subgraph that has an interface as an object knows less than is known: the interface is no type of an object. */
function isInterfaceObject(schema: GraphQLSchema, name: unknown, known: unknown): boolean {
  const typeOf = (given: unknown) => (typeof given === 'string' ? schema.getType(given) : undefined);
  return isInterfaceType(typeOf(name)) && isObjectType(typeOf(known));
}

/** An error of an entity is told at each of its places; one that is of none of the `count` entities asked for, once. */
function noteErrors(
  run: Run,
  { node, path, responseNames }: EntityFetch,
  errors: readonly unknown[],
  count: number,
  { part, tells }: Taking,
): void {
  const members = new Set([...part.values()].flatMap((wanted) => wanted.members));
  const paths = pathsTo(run, path, members);
  for (const error of errors) {
    const at = pathOfError(error);
    const index = at?.[1];
    const wanted = typeof index === 'number' ? part.get(index) : undefined;
    // It is told of where that was asked for.
    if (!wanted && (!tells || isIndex(index, count))) continue;
    const places: (Path | undefined)[] = wanted?.members.flatMap((member) => paths.get(member) ?? []) ?? [];
    for (const place of places.length > 0 ? places : [undefined])
      run.errors.push(
        subgraphError(node.serviceName, error, () =>
          toClientPath(node, responseNames, place && at && [...place, ...at.slice(2)]),
        ),
      );
  }
}

function isIndex(value: unknown, count: number): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) < count;
}
