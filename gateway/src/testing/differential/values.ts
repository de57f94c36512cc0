import { createHash } from 'node:crypto';
import {
  getNamedType,
  getNullableType,
  GraphQLError,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  type GraphQLCompositeType,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';
import { getOwn, type Data } from '../../executor/place.ts';

/** Numbers that follow from texts: each text has the same ones again. */
export function dice(...texts: string[]): (sides: number) => number {
  const text = texts.join('\n');
  let block = Buffer.alloc(0);
  let at = 0;
  let round = 0;
  return (sides) => {
    if (at + 4 > block.length) {
      block = createHash('sha256').update(`${round++}\n${text}`).digest();
      at = 0;
    }
    at += 4;
    return block.readUInt32BE(at - 4) % sides;
  };
}

const works = ['Painting:1', 'Painting:2', 'Statue:1', 'Statue:2'];
const people = ['Person:1', 'Person:2', 'Person:3'];
const ENTITIES: Record<string, string[]> = {
  Painting: works.slice(0, 2),
  Statue: works.slice(2),
  Work: works,
  Person: people,
  Found: [...works, ...people],
  Room: ['Room:1-1', 'Room:1-2', 'Room:2-1'],
  Review: ['Review:1', 'Review:2', 'Review:3'],
};
const isKey = (field: string): boolean => ['id', 'email', 'floor', 'number'].includes(field);

/** What fields are computed from. */
const REQUIRED: Record<string, (field: (name: string) => unknown) => unknown> = {
  insurance: (field) => field('height'),
  shipping: (field) => [field('height'), getOwn((field('size') ?? {}) as Data, 'width') ?? null],
  level: (field) => field('age'),
};

/** An object is nothing but its name, from which all its values follow. */
type Named = { __typename: string; id: string };

/** The name of a representation's entity. */
function nameOf(source: Data): string {
  if (typeof source['id'] === 'string') return source['id'];
  if (typeof source['email'] === 'string') return source['email'].replace('@', ':');
  if ('floor' in source) return `Room:${String(source['floor'])}-${String(source['number'])}`;
  const { __typename: _typename, ...key } = source;
  return Object.keys(key).length > 0 ? JSON.stringify(key) : 'root';
}

/**
 * Resolves every field of a graph, in a subgraph or in `whole`, the one schema of all, to values that follow from
 * `seed` and the object's name. Of `faults` in 100 fields (but keys) one fails with an error, is null even where it must
 * not be, or has nulls in its list.
 */
export function createResolver(
  whole: GraphQLSchema,
  seed: string,
  faults: number,
): GraphQLFieldResolver<Data | undefined, unknown> {
  const typeOf = (parent: string, field: string): GraphQLOutputType => {
    const type = whole.getType(parent);
    const definition = isObjectType(type) || isInterfaceType(type) ? type.getFields()[field] : undefined;
    if (!definition) throw new Error(`there is no ${parent}.${field}`);
    return definition.type;
  };
  const read = (parent: string, name: string, field: string, args: Data): unknown => {
    if (isKey(field)) return keyOf(name, field);
    const roll = dice(seed, name, field, JSON.stringify(args));
    const fault = roll(100) < faults ? roll(3) : undefined;
    if (fault === 0) throw new GraphQLError(`no ${field}`, { extensions: { code: `NO_${field.toUpperCase()}` } });
    return fault === 1
      ? null
      : valueOf(typeOf(parent, field), `${name}/${field}`, { whole, roll, withNulls: fault !== undefined });
  };

  const readOrNull = (parent: string, name: string, field: string): unknown => {
    try {
      return read(parent, name, field, {});
    } catch {
      return null;
    }
  };

  return (source = {}, args, _context, { fieldName, parentType, returnType }) => {
    const required = REQUIRED[fieldName];
    if (!required) {
      const value = read(parentType.name, nameOf(source), fieldName, args);
      const known = getNamedType(returnType);
      return isObjectType(known) ? namedAs(known.name, value) : value;
    }
    // A subgraph has what it is sent; in the one schema there is what can be read, and null for what fails.
    const given = (field: string): unknown => {
      if (Object.hasOwn(source, field)) return source[field];
      const value = readOrNull(parentType.name, nameOf(source), field);
      return field === 'size' && value ? { width: readOrNull('Size', (value as Named).id, 'width') } : value;
    };
    return `${fieldName} of ${JSON.stringify(required(given))}`;
  };
}

type Choosing = { whole: GraphQLSchema; roll: (sides: number) => number; withNulls: boolean };

function valueOf(type: GraphQLOutputType, path: string, choosing: Choosing): unknown {
  const { roll, withNulls } = choosing;
  if (!isNonNullType(type) && roll(6) === 0) return null;
  const nullable = getNullableType(type);
  if (isListType(nullable))
    return Array.from({ length: roll(4) }, (_, i) =>
      withNulls && roll(2) === 0 ? null : valueOf(nullable.ofType, `${path}/${i}`, choosing),
    );
  const named = getNamedType(type);
  if (isCompositeType(named)) return objectOf(named, path, choosing);
  if (isEnumType(named)) return named.getValues()[roll(named.getValues().length)]?.value;
  if (named.name === 'Int') return roll(100);
  if (named.name === 'Float') return roll(100) / 4;
  if (named.name === 'Boolean') return roll(2) === 0;
  if (named.name === 'Json') return JSON.parse('{"__proto__":{"a":[1,null]},"constructor":{"prototype":2}}');
  return `${path} ${roll(100)}`;
}

/** What has an id is one of a few, so that it comes again; other objects are where they are. */
function objectOf(named: GraphQLCompositeType, path: string, { whole, roll }: Choosing): Named {
  const entities = ENTITIES[named.name];
  if (entities) {
    const id = entities[roll(entities.length)] as string;
    return { __typename: id.split(':')[0] as string, id };
  }
  const types = isAbstractType(named) ? whole.getPossibleTypes(named) : [named];
  const type = types[roll(types.length)] as GraphQLObjectType;
  return { __typename: type.name, id: type.getFields()['id'] ? `${type.name}:${1 + roll(3)}` : path };
}

/** A subgraph that has an interface as an object knows no other name for what is of it. */
function namedAs(typeName: string, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((one) => namedAs(typeName, one));
  return value ? { ...value, __typename: typeName } : value;
}

function keyOf(name: string, field: string): unknown {
  if (field === 'id') return name;
  if (field === 'email') return name.replace(':', '@');
  const [floor, number] = (name.split(':')[1] ?? '').split('-');
  return Number(field === 'floor' ? floor : number);
}
