import {
  getNamedType,
  isCompositeType,
  OperationTypeNode,
  type GraphQLCompositeType,
  type OperationDefinitionNode,
} from 'graphql';
import type { Access } from '../../authorization/access.ts';
import type { Tally } from '../code.ts';
import type { Occurrence, Selected, Selecting } from '../collect.ts';
import { isSubtype } from '../rewrites.ts';
import { objectWriter } from './object-code.ts';
import { withhold, type WriteObject } from './writing.ts';

/** Selections that meet in ever other ways, for ever other types, are made anew beyond so much code. */
const MAX_CHARACTERS = 500_000;

/** What a response is written from, and by. `variables` decide conditions. */
export type WriterSource = Selecting & {
  operation: OperationDefinitionNode;
  /** The names that clients know, by those in `operation` that only the planner uses. */
  responseNames: ReadonlyMap<string, string>;
  /** What is not to be shown, whether or not it is in the data. */
  access: Access | undefined;
  /** Characters that a list may take. */
  maxLength: number;
  /** What the code comes to. */
  tally: Tally;
};

/** How objects are written that stand where a type is declared, by what their data say of their type. */
type ObjectWriters = {
  /** What is of the declared type itself. */
  declared: WriteObject;
  /** `name` is their `__typename`. Undefined where nothing of that name may stand there. */
  named: (name: unknown) => WriteObject | undefined;
};

/** The functions that write a response, each made when it is first needed. */
export type Writers = WriterSource & {
  isRoot: (type: GraphQLCompositeType) => boolean;
  objectsOf: (type: GraphQLCompositeType, occurrences: Occurrence[]) => ObjectWriters;
  /** Whether what is made now is kept. */
  hasRoom: () => boolean;
};

/**
 * Makes the function that writes a response from the merged data: the operation's fields, nothing else; nulls propagated
 * (GraphQL spec, 6.4.4). Types that can be told before the data are there are written by generated code alone.
 */
export function createWriters(source: WriterSource): WriteObject {
  const { schema, operation } = source;
  const roots = Object.values(OperationTypeNode).map((root) => schema.getRootType(root));
  const known = new Map<string, ObjectWriters>();
  const ids = new Map<object, number>();
  const idOf = (node: object): number => {
    const id = ids.get(node) ?? ids.size;
    ids.set(node, id);
    return id;
  };
  const writers: Writers = {
    ...source,
    hasRoom: () => source.tally.characters < MAX_CHARACTERS,
    isRoot: (type) => roots.some((root) => root === type),
    // Places that select the same have the same functions: there are as many as an operation has selections, about.
    objectsOf: (type, occurrences) => {
      const selections = occurrences.map(({ node, parent, definition }) =>
        [idOf(node), parent.name, getNamedType(definition?.type)?.name].join(':'),
      );
      const key = [type.name, ...selections].join(' ');
      const objects = known.get(key) ?? objectWriters(writers, type, occurrences);
      if (writers.hasRoom()) known.set(key, objects);
      return objects;
    },
  };
  const root = schema.getRootType(operation.operation);
  if (!root) throw new Error(`the schema has no ${operation.operation} type`);
  return objectWriter(writers, root, [{ selectionSet: operation.selectionSet, type: root }], root.name);
}

function objectWriters(writers: Writers, type: GraphQLCompositeType, occurrences: Occurrence[]): ObjectWriters {
  const { schema, access } = writers;
  const selected = occurrences.map(selectionsOf);
  const byName = new Map<string | undefined, WriteObject>();
  const make = (name: string | undefined): WriteObject | undefined => {
    const named = name === undefined ? type : schema.getType(name);
    if (!isCompositeType(named) || !isSubtype(schema, type, named)) return undefined;
    if (access?.deniesType(named.name)) return denied(occurrences[0] as Occurrence);
    return objectWriter(writers, named, selected, name);
  };
  const objects: ObjectWriters = {
    declared: (object, writing, depth) => {
      objects.declared = make(type.name) as WriteObject;
      return objects.declared(object, writing, depth);
    },
    named: (given) => {
      const name = typeof given === 'string' ? given : undefined;
      const found = byName.get(name) ?? make(name);
      if (found && writers.hasRoom()) byName.set(name, found);
      return found;
    },
  };
  return objects;
}

function denied({ parent, node }: Occurrence): WriteObject {
  return (_object, writing, depth) => withhold(writing, depth, `${parent.name}.${node.name.value}`);
}

/** One response name can stand for fields of several types: each occurrence selects from its own. */
function selectionsOf({ node, definition }: Occurrence): Selected {
  return { selectionSet: node.selectionSet, type: getNamedType(definition?.type) as GraphQLCompositeType };
}
