import type { Identity } from '@todo/service/identity';
import { GraphQLError } from 'graphql';
import type { Requirement } from './requirement.ts';
import type { Rules } from './rules.ts';

/** What a caller may not see of a supergraph, as far as one operation goes. */
export type Access = {
  /** The same for callers who may see the same. */
  key: string;
  /** Whether a field is withheld of objects of a type; of an interface, whether it is of some of its objects. */
  deniesField: (type: string, field: string) => boolean;
  /** Whether objects of a type are withheld altogether. */
  deniesType: (type: string) => boolean;
  /** Tells a client what was withheld, by the coordinate of the field that it selected: never which data. */
  refusal: (coordinate: string, path?: readonly (string | number)[]) => GraphQLError;
};

/** The access of a caller who does not fulfil some requirements. */
export function restrictedAccess(rules: Rules, unmet: readonly Requirement[], identity: Identity | undefined): Access {
  const isAny = (demands: ReadonlySet<Requirement>): boolean => unmet.some((requirement) => demands.has(requirement));
  return {
    key: unmet.map(({ index }) => index).join(),
    deniesField: (type, field) => isAny(rules.field(type, field)),
    deniesType: (type) => isAny(rules.type(type)),
    refusal: (coordinate, path) =>
      identity
        ? new GraphQLError(`your access token does not permit ${coordinate}`, {
            path,
            extensions: { code: 'FORBIDDEN', coordinate },
          })
        : new GraphQLError(`${coordinate} needs an access token`, {
            path,
            extensions: { code: 'UNAUTHENTICATED', coordinate },
          }),
  };
}
