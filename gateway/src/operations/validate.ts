import {
  MaxIntrospectionDepthRule,
  NoSchemaIntrospectionCustomRule,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
} from 'graphql';
import type { GatewayConfig } from '../config.ts';
import { exceededBy, LimitExceeded } from './limits/limits.ts';

/** Errors that a client gets at once: of a hostile document there could be thousands. */
const MAX_ERRORS = 20;

/** Why a document must not be executed: no errors where it may. */
export type ValidateDocument = (schema: GraphQLSchema, document: DocumentNode) => readonly GraphQLError[];

/**
 * Validates documents: limits first, in linear time, because the rules of the specification take longer the larger a
 * document is. A document that was found valid is remembered for as long as it lives.
 */
export function createValidation(config: GatewayConfig): ValidateDocument {
  const rules = config.INTROSPECTION ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
  const options = { maxErrors: MAX_ERRORS, hideSuggestions: !config.INTROSPECTION };
  const valid = new WeakMap<DocumentNode, GraphQLSchema>();
  return (schema, document) => {
    if (valid.get(document) === schema) return [];
    const exceeded = exceededBy(document, config) ?? introspectsTooDeep(schema, document);
    if (exceeded) return [exceeded];
    const errors = validate(schema, document, rules, options);
    for (const { extensions } of errors) extensions['code'] = 'GRAPHQL_VALIDATION_FAILED';
    if (errors.length === 0) valid.set(document, schema);
    return errors;
  };
}

/** Types lead to fields and fields to types: each round multiplies the answer. */
function introspectsTooDeep(schema: GraphQLSchema, document: DocumentNode): LimitExceeded | undefined {
  const [error] = validate(schema, document, [MaxIntrospectionDepthRule], { maxErrors: 1 });
  return (
    error && new LimitExceeded('introspectionDepth', 'the operation nests introspection too deep', {}, error.nodes?.[0])
  );
}
