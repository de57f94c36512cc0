import type { FetchNode } from '@apollo/query-planner';
import { Kind, visit, type DocumentNode, type GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Tally } from './code.ts';
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
  /** What its code comes to. */
  tally: Tally;
};

/** The variants of an operation. */
export type Variants = {
  /** The one for a run's variables, with defaults: made where it is not there. */
  of: (defaultedVariables: Data) => Variant;
  /** Characters of code that they come to: more as they are used. */
  characters: () => number;
};

type VariantSource = Omit<WriterSource, 'variables' | 'tally'>;

export function createVariants(source: VariantSource, supergraphSchema: GraphQLSchema): Variants {
  const names = conditionsIn({
    kind: Kind.DOCUMENT,
    definitions: [source.operation, ...source.fragments.values()],
  });
  if (names.size === 0) {
    let only: Variant | undefined;
    return {
      of: () => (only ??= createVariant(source, {}, supergraphSchema)),
      characters: () => only?.tally.characters ?? 0,
    };
  }
  const variants = new LRUCache<string, Variant>({ max: MAX_VARIANTS });
  const of = (variables: Data): Variant => {
    const conditions: Data = {};
    let key = '';
    for (const name of names) {
      conditions[name] = variables[name];
      key += variables[name] === true ? 't' : variables[name] === false ? 'f' : 'n';
    }
    const known = variants.get(key);
    if (known) return known;
    const made = createVariant(source, conditions, supergraphSchema);
    variants.set(key, made);
    return made;
  };
  const characters = (): number => [...variants.values()].reduce((sum, { tally }) => sum + tally.characters, 0);
  return { of, characters };
}

function createVariant(source: VariantSource, variables: Data, supergraphSchema: GraphQLSchema): Variant {
  const tally: Tally = { characters: 0 };
  const representations = new Map<FetchNode, RepresentationText>();
  return {
    write: createWriters({ ...source, variables, tally }),
    tally,
    representationOf: (fetch) => {
      const known = representations.get(fetch);
      if (known) return known;
      const made = compileRepresentation(supergraphSchema, neededNow(variables, fetch.requires ?? []), tally);
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
