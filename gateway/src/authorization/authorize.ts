import type { Identity } from '@todo/service/identity';
import {
  getNamedType,
  isCompositeType,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { restrictedAccess, type Access } from './access.ts';
import { fulfils, type Requirement } from './requirement.ts';
import type { Rules } from './rules.ts';

/**
 * What a caller may not see of what an operation selects; undefined where there is no such thing. `key` stands for the
 * document, which is looked at once.
 */
export type Authorize = (key: string, document: DocumentNode, identity: Identity | undefined) => Access | undefined;

/** Decides by a supergraph's rules; `schema` is what clients see, `cacheSize` how many documents are kept in mind. */
export function createAuthorize(rules: Rules, schema: GraphQLSchema, cacheSize: number): Authorize {
  const needed = new LRUCache<string, readonly Requirement[]>({ max: cacheSize });
  return (key, document, identity) => {
    let requirements = needed.get(key);
    if (!requirements) needed.set(key, (requirements = requirementsOf(rules, schema, document)));
    const unmet = requirements.filter((requirement) => !fulfils(identity, requirement));
    return unmet.length === 0 ? undefined : restrictedAccess(rules, unmet, identity);
  };
}

/** All that can matter for a valid document, in one order. */
function requirementsOf(rules: Rules, schema: GraphQLSchema, document: DocumentNode): Requirement[] {
  const found = new Set<Requirement>();
  const add = (requirements: ReadonlySet<Requirement>): void => requirements.forEach((one) => found.add(one));
  const types = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(types, {
      Field: ({ name }) => {
        const parent = types.getParentType();
        if (parent) add(rules.field(parent.name, name.value));
        const returned = getNamedType(types.getType());
        if (isCompositeType(returned)) add(rules.type(returned.name));
      },
    }),
  );
  return [...found].sort((a, b) => a.index - b.index);
}
