import fc from 'fast-check';
import {
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  parse,
  validate,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLSchema,
} from 'graphql';

/** A generated operation: valid, with the variables that it uses. */
export type GeneratedOperation = { query: string; variables: Record<string, unknown> };

/** Whoever generates takes its choices from here: small numbers are simple choices, so that counterexamples become small. */
type Choose = (count: number) => number;

const VARIABLES: Record<string, readonly [type: string, value: unknown]> = {
  yes: ['Boolean!', true],
  no: ['Boolean!', false],
  byDefault: ['Boolean! = true', undefined],
  best: ['Boolean', null],
  first: ['Int', 1],
  currency: ['String', 'USD'],
  title: ['String', undefined],
  text: ['String', 'constructor'],
  id: ['ID!', 'Painting:1'],
  code: ['ID', 'x'],
};
const CONDITIONS = [
  '@skip(if: true)',
  '@include(if: $yes)',
  '@skip(if: $no)',
  '@skip(if: $yes)',
  '@include(if: $byDefault)',
  '@skip(if: false)',
];
/** Aliases that meet nothing, names that prototypes have, and those that the planner makes up. */
const ALIASES = ['a', 'b', 'constructor', 'toString', '__proto__', 'label__alias_0', 'hasOwnProperty'];

/**
 * Makes operations over a schema: abstract types, fragments of both kinds, aliases, arguments, variables, conditions.
 * `aliases` may name more names that fields are given.
 */
export function operations(schema: GraphQLSchema, aliases: string[] = []): fc.Arbitrary<GeneratedOperation> {
  const names = [...ALIASES, ...aliases];
  return fc
    .array(fc.nat(9999), { minLength: 20, maxLength: 300, size: 'max' })
    .map((tape) => generate(schema, tape, names))
    .filter(({ query }) => validate(schema, parse(query)).length === 0);
}

type Generating = {
  schema: GraphQLSchema;
  choose: Choose;
  aliases: string[];
  used: Set<string>;
  fragments: string[];
  left: number;
};

function generate(schema: GraphQLSchema, tape: number[], aliases: string[]): GeneratedOperation {
  let at = 0;
  const generating: Generating = {
    schema,
    choose: (count) => (tape[at++] ?? 0) % count,
    aliases,
    used: new Set(),
    fragments: [],
    left: 30,
  };
  const mutation = generating.choose(8) === 7 ? schema.getMutationType() : undefined;
  const root = mutation ?? schema.getQueryType();
  if (!root) throw new Error('the schema has no Query');
  const selections = select(generating, root, 5);
  const declared = [...generating.used].map((name) => `$${name}: ${VARIABLES[name]?.[0]}`);
  const variables: Record<string, unknown> = {};
  for (const name of generating.used) if (VARIABLES[name]?.[1] !== undefined) variables[name] = VARIABLES[name]?.[1];
  const head = `${mutation ? 'mutation' : 'query'}${declared.length > 0 ? `(${declared.join(', ')})` : ''}`;
  return { query: [`${head} ${selections}`, ...generating.fragments].join('\n'), variables };
}

function select(generating: Generating, type: GraphQLCompositeType, depth: number): string {
  const count = 1 + generating.choose(4);
  const selections: string[] = [];
  for (let i = 0; i < count && (generating.left > 0 || i === 0); i++)
    selections.push(selection(generating, type, depth));
  return `{ ${selections.join(' ')} }`;
}

function selection(generating: Generating, type: GraphQLCompositeType, depth: number): string {
  const { schema, choose, fragments } = generating;
  const fields = isObjectType(type) || isInterfaceType(type) ? Object.values(type.getFields()) : [];
  const kind = depth > 0 ? choose(8) : 0;
  if (kind < 5 || (kind === 5 && !isAbstractType(type))) {
    const usable = fields.filter((field) => depth > 1 || !isCompositeType(getNamedType(field.type)));
    const field = usable[choose(usable.length + 1)];
    return field ? fieldSelection(generating, field, depth) : `${choose(4) === 3 ? 't: ' : ''}__typename`;
  }
  const wider = isObjectType(type) ? type.getInterfaces() : [];
  const conditions = isAbstractType(type) ? [...schema.getPossibleTypes(type), type] : [type, ...wider];
  const condition = conditions[choose(conditions.length)] as GraphQLCompositeType;
  const inner = select(generating, condition, depth - 1);
  if (kind < 7)
    return `...${choose(5) === 4 ? '' : ` on ${condition.name}`} ${conditionOf(generating)} ${inner}`.replace(
      /\.\.\. +\{/,
      '... {',
    );
  const name = `F${fragments.length}`;
  fragments.push(`fragment ${name} on ${condition.name} ${inner}`);
  const twice = choose(4) === 3 ? ` ...${name}` : '';
  return `...${name} ${conditionOf(generating)}${twice}`;
}

function fieldSelection(generating: Generating, field: GraphQLField<unknown, unknown>, depth: number): string {
  const { choose, aliases } = generating;
  generating.left--;
  const alias = choose(6) === 5 ? `${aliases[choose(aliases.length)]}: ` : '';
  const given = field.args.flatMap((argument) => {
    if (!isRequiredArgument(argument) && choose(2) === 0) return [];
    return [`${argument.name}: ${argumentValue(generating, argument)}`];
  });
  const type = getNamedType(field.type);
  const inner = isCompositeType(type) ? ` ${select(generating, type, depth - 1)}` : '';
  return `${alias}${field.name}${given.length > 0 ? `(${given.join(', ')})` : ''} ${conditionOf(generating)}${inner}`;
}

function argumentValue({ choose, used }: Generating, { name, type }: GraphQLArgument): string {
  if (VARIABLES[name] && choose(2) === 1) {
    used.add(name);
    return `$${name}`;
  }
  return literalOf(choose, type, 3);
}

/** A value of a type, with optional fields of input objects down to a depth. */
function literalOf(choose: Choose, type: GraphQLInputType, depth: number): string {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return `[${literalOf(choose, nullable.ofType, depth)}]`;
  if (isEnumType(nullable)) return nullable.getValues()[choose(nullable.getValues().length)]?.name as string;
  if (isInputObjectType(nullable)) {
    const fields = Object.values(nullable.getFields());
    const given = fields.filter((field) => isRequiredInputField(field) || (depth > 0 && choose(2) === 1));
    return `{${given.map((field) => `${field.name}: ${literalOf(choose, field.type, depth - 1)}`).join(', ')}}`;
  }
  const literals: Record<string, string[]> = {
    Int: ['1', '3'],
    Float: ['1', '2.5'],
    Boolean: ['true'],
    ID: ['"Statue:1"', '"Person:2"'],
  };
  const values = literals[getNamedType(nullable).name] ?? ['"USD"', '"__proto__"'];
  return values[choose(values.length)] as string;
}

function conditionOf({ choose, used }: Generating): string {
  const condition = choose(8) === 7 ? (CONDITIONS[choose(CONDITIONS.length)] as string) : '';
  const variable = /\$(\w+)/.exec(condition)?.[1];
  if (variable) used.add(variable);
  return condition;
}
