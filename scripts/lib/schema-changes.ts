import internals from '@apollo/federation-internals';
import { findBreakingChanges, findDangerousChanges, type GraphQLSchema, parse, print, visit } from 'graphql';

/** What clients would notice of another supergraph, one line each. */
type SchemaChanges = {
  /** Operations that were valid may no longer be. */
  breaking: string[];
  /** They are still valid, but may mean something else, or something else may be allowed. */
  dangerous: string[];
};

/** Directives that say who may see a field. */
const ACCESS = new Set(['authenticated', 'requiresScopes', 'policy', 'topic']);

/** What a client sees of a supergraph: without what is inaccessible and what only the gateway needs. */
const apiSchema = (supergraphSdl: string): GraphQLSchema =>
  // Whether a gateway supports each feature that is linked is no question here.
  internals.Supergraph.build(supergraphSdl, { supportedFeatures: null }).apiSchema().toGraphQLJSSchema();

/** The rules of access of each type and field that has any. */
function accessRules(supergraphSdl: string): Map<string, string> {
  const rules = new Map<string, string>();
  const types: string[] = [];
  visit(parse(supergraphSdl), {
    enter(node) {
      if (!('directives' in node) || !('name' in node) || !node.name) return;
      const isField = node.kind === 'FieldDefinition';
      if (!isField) types.push(node.name.value);
      const of = node.directives?.filter(({ name }) => ACCESS.has(name.value)).map(print) ?? [];
      if (of.length > 0) rules.set(isField ? `${types.at(-1)}.${node.name.value}` : node.name.value, of.join(' '));
    },
  });
  return rules;
}

const line = ({ type, description }: { type: string; description: string }): string => `${type}: ${description}`;

/** Compares two supergraphs as their clients see them, and who may see what. */
export function schemaChanges(before: string, after: string): SchemaChanges {
  const [old, next] = [apiSchema(before), apiSchema(after)];
  const [oldRules, nextRules] = [accessRules(before), accessRules(after)];
  const access = [...new Set([...oldRules.keys(), ...nextRules.keys()])]
    .filter((place) => oldRules.get(place) !== nextRules.get(place))
    .map(
      (place) => `ACCESS_CHANGED: ${place}: ${oldRules.get(place) ?? 'no rule'} → ${nextRules.get(place) ?? 'no rule'}`,
    );
  return {
    breaking: findBreakingChanges(old, next).map(line),
    dangerous: [...findDangerousChanges(old, next).map(line), ...access],
  };
}
