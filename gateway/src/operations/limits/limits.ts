import { GraphQLError, type ASTNode, type DocumentNode } from 'graphql';
import type { GatewayConfig } from '../../config.ts';
import { hasDeepLiteral, isDeepObject, measureOperations, type Size } from './measure.ts';

/** What an operation can have too much of: the label of `gateway_limits_hit_total`. */
export type Limit = keyof Size | 'tokens' | 'nesting' | 'inputDepth' | 'introspectionDepth' | 'cost';

/** An operation that is refused for what it would take: with a code such as DEPTH_LIMIT_EXCEEDED, and `max` where one is set. */
export class LimitExceeded extends GraphQLError {
  readonly limit: Limit;
  constructor(limit: Limit, message: string, extensions: Record<string, unknown> = {}, nodes?: ASTNode) {
    const code = `${limit.replace(/[A-Z]/g, '_$&').toUpperCase()}_LIMIT_EXCEEDED`;
    super(message, { nodes, extensions: { code, ...extensions, http: { status: 400 } } });
    this.limit = limit;
  }
}

type Measure = { limit: keyof Size; max: keyof GatewayConfig; of: (size: number, max: number) => string };

const MEASURES: Measure[] = [
  { limit: 'depth', max: 'MAX_DEPTH', of: (size) => `is ${size} levels deep` },
  { limit: 'rootFields', max: 'MAX_ROOT_FIELDS', of: (size) => `selects ${size} fields on its first level` },
  // A number that fragments multiply tells nobody anything.
  {
    limit: 'selections',
    max: 'MAX_SELECTIONS',
    of: (_size, max) => `selects more than ${max} fields with its fragments`,
  },
  { limit: 'aliases', max: 'MAX_ALIASES', of: (size) => `has ${size} aliases` },
  { limit: 'directives', max: 'MAX_DIRECTIVES', of: (size) => `has ${size} directives` },
];

/** Why a document must not be validated, let alone planned: the first limit that it exceeds. Takes linear time. */
export function exceededBy(document: DocumentNode, config: GatewayConfig): LimitExceeded | undefined {
  for (const { node, size } of measureOperations(document)) {
    for (const { limit, max: setting, of } of MEASURES) {
      const max = config[setting] as number;
      if (size[limit] > max)
        return new LimitExceeded(
          limit,
          `the operation ${of(size[limit], max)}; at most ${max} are allowed`,
          { max },
          node,
        );
    }
  }
  return hasDeepLiteral(document, config.MAX_INPUT_DEPTH) ? deepInput(config.MAX_INPUT_DEPTH) : undefined;
}

/** Why variables must not be coerced. */
export function exceededByVariables(variables: object, { MAX_INPUT_DEPTH }: GatewayConfig): LimitExceeded | undefined {
  return isDeepObject(variables, MAX_INPUT_DEPTH) ? deepInput(MAX_INPUT_DEPTH) : undefined;
}

/** Why an operation must not be executed. */
export function exceededByCost(
  cost: number,
  { MAX_COST: max }: GatewayConfig,
  node: ASTNode,
): LimitExceeded | undefined {
  if (cost <= max) return undefined;
  return new LimitExceeded('cost', `the operation costs ${cost}; at most ${max} is allowed`, { cost, max }, node);
}

function deepInput(max: number): LimitExceeded {
  return new LimitExceeded('inputDepth', `an input value nests more than ${max} levels deep`, { max });
}

/** The limit that parsing ran into, if it failed for one. */
export function exceededInParsing(error: GraphQLError, max: number): LimitExceeded | undefined {
  if (error.extensions['code'] !== 'GRAPHQL_PARSE_FAILED') return undefined;
  if (/^Syntax Error: Document contains more that \d+ tokens/.test(error.message))
    return new LimitExceeded('tokens', `the document has more than ${max} tokens`, { max });
  if (error.message === 'Maximum call stack size exceeded')
    return new LimitExceeded('nesting', 'the document nests too deep to be parsed');
  return undefined;
}
