import {
  MaxIntrospectionDepthRule,
  NoSchemaIntrospectionCustomRule,
  SingleFieldSubscriptionsRule,
  specifiedRules,
  validate,
  type DocumentNode,
  type GraphQLError,
  type GraphQLSchema,
} from 'graphql';
import type { GatewayConfig } from '../config.ts';
import { FiniteNumbersRule } from './finite-numbers.ts';
import { exceededBy, LimitExceeded } from './limits/limits.ts';
import { SubscriptionRootRule } from './subscription-root.ts';

/** Errors that a client gets at once: of a hostile document there could be thousands. */
const MAX_ERRORS = 20;
const RULES = [
  ...specifiedRules.map((rule) => (rule === SingleFieldSubscriptionsRule ? SubscriptionRootRule : rule)),
  FiniteNumbersRule,
];

/** Why a document must not be executed: no errors where it may. */
export type ValidateDocument = (schema: GraphQLSchema, document: DocumentNode) => readonly GraphQLError[];

/**
 * Validates documents: limits first, in linear time, because the rules of the specification take longer the larger a
 * document is. A document that was found valid is remembered for as long as it lives.
 */
export function createValidation(config: GatewayConfig): ValidateDocument {
  const rules = config.INTROSPECTION ? RULES : [...RULES, NoSchemaIntrospectionCustomRule];
  const options = { maxErrors: MAX_ERRORS, hideSuggestions: !config.INTROSPECTION };
  const validFor = new WeakMap<GraphQLSchema, WeakSet<DocumentNode>>();
  return (schema, document) => {
    // By schema first: while one follows another, both are asked about the same documents.
    let valid = validFor.get(schema);
    if (!valid) validFor.set(schema, (valid = new WeakSet()));
    if (valid.has(document)) return [];
    const exceeded = exceededBy(document, config) ?? introspectsTooDeep(schema, document);
    if (exceeded) return [exceeded];
    const errors = validate(schema, document, rules, options);
    for (const { extensions } of errors) extensions['code'] = 'GRAPHQL_VALIDATION_FAILED';
    if (errors.length === 0) valid.add(document);
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
