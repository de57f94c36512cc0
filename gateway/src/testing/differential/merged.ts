import {
  getNullableType,
  GraphQLError,
  isAbstractType,
  isCompositeType,
  isListType,
  isObjectType,
  type GraphQLFieldResolver,
  type GraphQLOutputType,
  type GraphQLSchema,
} from 'graphql';
import { getOwn, isObject, type Data } from '../../executor/place.ts';
import { isSubtype } from '../../executor/rewrites.ts';

/**
 * Lets graphql-js read what subgraphs' answers came to. It cannot decide where an abstract type's object has no name of a
 * type, or an interface's; the gateway shows of such an object what every type has, as stock Apollo Gateway does.
 */
export function readMerged(schema: GraphQLSchema): {
  resolver: GraphQLFieldResolver<Data, unknown>;
  isUndecided: () => boolean;
} {
  let undecided = false;
  const check = (value: unknown, type: GraphQLOutputType): unknown => {
    const named = getNullableType(type);
    if (isListType(named)) return Array.isArray(value) ? value.map((element) => check(element, named.ofType)) : value;
    if (!isCompositeType(named) || value === null || value === undefined) return value;
    if (!isObject(value)) return new GraphQLError('no object');
    const name = getOwn(value, '__typename');
    const known = typeof name === 'string' ? schema.getType(name) : undefined;
    undecided ||= isAbstractType(named) && !isObjectType(known) && (name === undefined || isAbstractType(known));
    return name === undefined || (known && isSubtype(schema, named, known)) ? value : new GraphQLError('not its type');
  };
  return {
    resolver: (source, _args, _context, { path, returnType }) => check(getOwn(source, String(path.key)), returnType),
    isUndecided: () => undecided,
  };
}
