import type { FetchNode } from '@apollo/query-planner';
import { Kind, visit, type DocumentNode, type GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Data } from './place.ts';
import { neededNow } from './representation.ts';
import { compileRepresentation, type RepresentationText } from './representation-text.ts';
import { createWriters, type WriterSource } from './response/writers.ts';
import type { WriteObject } from './response/writing.ts';

/** Clients choose the values of variables: an operation of many conditions has more variants than are worth keeping. */
const MAX_VARIANTS = 16;

/** What is compiled of an operation for given values of its conditions. */
export type Variant = {
  write: WriteObject;
  /** How a fetch's representations are written. Throws as `isSkipped` does. */
  representationOf: (fetch: FetchNode) => RepresentationText;
};

/** Finds the variant for a run's variables, with defaults, and makes it where it is not there. */
export type VariantOf = (defaultedVariables: Data) => Variant;

export function createVariants(source: Omit<WriterSource, 'variables'>, supergraphSchema: GraphQLSchema): VariantOf {
  const names = conditionsIn({
    kind: Kind.DOCUMENT,
    definitions: [source.operation, ...source.fragments.values()],
  });
  if (names.size === 0) {
    let only: Variant | undefined;
    return () => (only ??= createVariant({ ...source, variables: {} }, supergraphSchema));
  }
  const variants = new LRUCache<string, Variant>({ max: MAX_VARIANTS });
  return (variables) => {
    const conditions: Data = {};
    let key = '';
    for (const name of names) {
      conditions[name] = variables[name];
      key += variables[name] === true ? 't' : variables[name] === false ? 'f' : 'n';
    }
    const known = variants.get(key);
    if (known) return known;
    const made = createVariant({ ...source, variables: conditions }, supergraphSchema);
    variants.set(key, made);
    return made;
  };
}

function createVariant(source: WriterSource, supergraphSchema: GraphQLSchema): Variant {
  const representations = new Map<FetchNode, RepresentationText>();
  return {
    write: createWriters(source),
    representationOf: (fetch) => {
      const known = representations.get(fetch);
      if (known) return known;
      const made = compileRepresentation(supergraphSchema, neededNow(source.variables, fetch.requires ?? []));
      representations.set(fetch, made);
      return made;
    },
  };
}

/** The variables that @skip and @include name. */
function conditionsIn(document: DocumentNode): Set<string> {
  const names = new Set<string>();
  visit(document, {
    Directive: ({ name, arguments: given }) => {
      if (name.value !== 'skip' && name.value !== 'include') return;
      for (const { value } of given ?? []) if (value.kind === Kind.VARIABLE) names.add(value.name.value);
    },
  });
  return names;
}
