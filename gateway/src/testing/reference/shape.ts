import {
  executeSync,
  getNamedType,
  GraphQLError,
  isCompositeType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  OperationTypeNode,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type OperationDefinitionNode,
} from 'graphql';
import type { Access } from '../../authorization/access.ts';
import { collectFields, type Occurrence, type Selected, type Selecting } from '../../executor/collect.ts';
import { isLeafValue } from './leaf.ts';
import { getOwn, isObject, setOwn, type Data } from '../../executor/place.ts';
import { isSubtype } from '../../executor/rewrites.ts';

/** A null that must not be: it makes its parent null. */
const INVALID = Symbol('invalid');
const ROOTS = Object.values(OperationTypeNode);

type Shaping = Selecting & {
  operation: OperationDefinitionNode;
  providedVariables: Data;
  responseNames: ReadonlyMap<string, string>;
  path: (string | number)[];
  errors: GraphQLError[];
  access: Access | undefined;
  /** By the place of the selection that it is about, and how often that happened. */
  withheld: Map<string, GraphQLError>;
  timesWithheld: number;
};

/** What a response is shaped from. `variables` with defaults, `providedVariables` as the client gave them. */
export type ShapeInput = Selecting & {
  operation: OperationDefinitionNode;
  providedVariables: Data;
  /** The names that clients know, by those in `operation` that only the planner uses. */
  responseNames: ReadonlyMap<string, string>;
  data: Data;
  /** What is not to be shown, whether or not it is in the data. */
  access?: Access | undefined;
};

/**
 * Makes the client's response of the merged data: the operation's fields, nothing else; nulls propagated
 * (GraphQL spec, 6.4.4). `errors` says where a value was missing or of a wrong type, `withheld` where the caller may not
 * see it: once for each selection, at the first place.
 */
export function shapeResponse(input: ShapeInput): {
  data: Data | null;
  errors: GraphQLError[];
  withheld: GraphQLError[];
} {
  const { access } = input;
  const shaping: Shaping = { ...input, access, path: [], errors: [], withheld: new Map(), timesWithheld: 0 };
  const root = input.schema.getRootType(input.operation.operation);
  if (!root) throw new Error(`the schema has no ${input.operation.operation} type`);
  const data = shapeObject(shaping, root, [{ selectionSet: input.operation.selectionSet, type: root }], input.data);
  return {
    data: data === INVALID ? null : data,
    errors: shaping.errors,
    withheld: [...shaping.withheld.values()],
  };
}

function shapeObject(
  shaping: Shaping,
  type: GraphQLCompositeType,
  selected: Selected[],
  input: Data,
): Data | typeof INVALID {
  const output: Data = Object.create(null);
  const typeName = typeNameOf(shaping, input, type);
  const fields = collectFields(shaping, selected, typeName);
  for (const [key, occurrences] of fields) {
    const { node, definition } = occurrences[0] as Occurrence;
    const name = node.name.value;
    const responseName = shaping.responseNames.get(key) ?? key;
    if (name === '__typename') {
      // An interface's name can come from a subgraph that has the interface as an object: it is nobody's type.
      const named = [typeName, getOwn(input, key)].map((found) => shaping.schema.getType(String(found)));
      const objectType = [...named, type].find(isObjectType);
      if (!objectType) return INVALID;
      setOwn(output, responseName, objectType.name);
    } else if (definition === SchemaMetaFieldDef || definition === TypeMetaFieldDef) {
      setOwn(output, responseName, introspect(shaping, occurrences, key));
    } else if (definition) {
      shaping.path.push(responseName);
      const what = `field ${type.name}.${name}`;
      const value = shaping.access?.deniesField(type.name, name)
        ? withhold(shaping, occurrences, definition.type)
        : shapeValue(shaping, definition.type, occurrences, getOwn(input, key) ?? null, what);
      shaping.path.pop();
      if (value === INVALID) return INVALID;
      setOwn(output, responseName, value);
    }
  }
  return output;
}

function shapeValue(
  shaping: Shaping,
  type: GraphQLOutputType,
  occurrences: Occurrence[],
  input: unknown,
  what: string,
): unknown {
  if (isNonNullType(type)) {
    const reported = shaping.errors.length + shaping.timesWithheld;
    const value = shapeValue(shaping, type.ofType, occurrences, input, what);
    if (value !== null) return value;
    if (shaping.errors.length + shaping.timesWithheld === reported)
      report(shaping, `Cannot return null for non-nullable ${what}.`);
    return INVALID;
  }
  if (input === null || input === undefined) return null;
  if (isListType(type)) return shapeList(shaping, type.ofType, occurrences, input, what);
  if (isLeafType(type)) return isLeafValue(type, input) ? input : report(shaping, `Invalid value found for ${what}.`);
  if (!isObject(input)) return report(shaping, `Invalid value found for ${what}.`);
  const typeName = typeNameOf(shaping, input, type);
  const named = typeName === undefined ? type : shaping.schema.getType(typeName);
  if (!isCompositeType(named) || !isSubtype(shaping.schema, type, named))
    return report(shaping, `Invalid __typename found for object at ${what}.`);
  if (shaping.access?.deniesType(named.name)) return withhold(shaping, occurrences, named);
  const object = shapeObject(shaping, named, occurrences.map(selectionsOf), input);
  return object === INVALID ? null : object;
}

/** The name of an object's type, where its data tell. A root type has names of its own in the subgraphs. */
function typeNameOf({ schema }: Shaping, input: Data, type: GraphQLOutputType): string | undefined {
  if (isObjectType(type) && ROOTS.some((operation) => schema.getRootType(operation) === type)) return type.name;
  const typeName = getOwn(input, '__typename');
  return typeof typeName === 'string' ? typeName : undefined;
}

/** One response name can stand for fields of several types: each occurrence selects from its own. */
function selectionsOf({ node, definition }: Occurrence): Selected {
  return { selectionSet: node.selectionSet, type: getNamedType(definition?.type) as GraphQLCompositeType };
}

function shapeList(
  shaping: Shaping,
  element: GraphQLOutputType,
  occurrences: Occurrence[],
  input: unknown,
  what: string,
): unknown {
  if (!Array.isArray(input)) return report(shaping, `Invalid value found for ${what}.`);
  const values = input.map((value, index) => {
    shaping.path.push(index);
    const named = String(isNonNullType(element) ? element.ofType : element);
    const shaped = shapeValue(shaping, element, occurrences, value, `array element of type ${named} at index ${index}`);
    shaping.path.pop();
    return shaped;
  });
  return values.includes(INVALID) ? null : values;
}

function report(shaping: Shaping, message: string): null {
  shaping.errors.push(new GraphQLError(message, { path: [...shaping.path], extensions: { code: 'INVALID_GRAPHQL' } }));
  return null;
}

/** A value that the caller may not see. Elements of a list are at one place. */
function withhold(shaping: Shaping, occurrences: Occurrence[], type: GraphQLOutputType): null | typeof INVALID {
  const { node, parent } = occurrences[0] as Occurrence;
  const place = shaping.path.filter((step) => typeof step === 'string').join('.');
  shaping.timesWithheld++;
  if (!shaping.withheld.has(place) && shaping.access)
    shaping.withheld.set(place, shaping.access.refusal(`${parent.name}.${node.name.value}`, [...shaping.path]));
  return isNonNullType(type) ? INVALID : null;
}

/** `__schema` and `__type` are the gateway's own to answer: no subgraph knows the whole schema. */
function introspect(shaping: Shaping, occurrences: Occurrence[], key: string): unknown {
  const { data, errors } = executeSync({
    schema: shaping.schema,
    document: {
      kind: Kind.DOCUMENT,
      definitions: [
        {
          ...shaping.operation,
          selectionSet: { kind: Kind.SELECTION_SET, selections: occurrences.map(({ node }) => node) },
        },
        ...shaping.fragments.values(),
      ],
    },
    rootValue: {},
    variableValues: shaping.providedVariables,
  });
  if (errors?.[0]) throw errors[0];
  return data?.[key];
}
