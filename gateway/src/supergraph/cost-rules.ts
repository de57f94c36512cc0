import { Kind, valueFromASTUntyped, type ConstDirectiveNode, type DocumentNode } from 'graphql';

/** How many objects a list has, as `@listSize` says. */
export type ListSize = {
  assumedSize: number | undefined;
  /** Arguments, or dotted paths into them, that tell the size. */
  slicingArguments: string[];
  /** The fields of the returned object that the size is of; none where it is of the field itself. */
  sizedFields: string[];
  requiresOne: boolean;
};

/** What a supergraph's `@cost` and `@listSize` say, by schema coordinate: `Type`, `Type.field`, `Type.field(argument:)`. */
export type CostRules = { weights: Map<string, number>; listSizes: Map<string, ListSize> };

const SPECIFICATION = 'https://specs.apollo.dev/cost/';

/** Reads the rules of Apollo's cost specification (v0.1) from a supergraph, under whatever names it has the directives. */
export function readCostRules(document: DocumentNode): CostRules {
  const rules: CostRules = { weights: new Map(), listSizes: new Map() };
  const names = directiveNames(document);
  if (!names) return rules;

  const read = (coordinate: string, directives: readonly ConstDirectiveNode[] | undefined): void => {
    for (const directive of directives ?? []) {
      if (directive.name.value === names.cost) rules.weights.set(coordinate, Number(argumentsOf(directive)['weight']));
      if (directive.name.value === names.listSize) rules.listSizes.set(coordinate, listSize(argumentsOf(directive)));
    }
  };
  for (const node of document.definitions) {
    if (!('name' in node) || !node.name || !('directives' in node)) continue;
    const type = node.name.value;
    if (node.kind === Kind.SCALAR_TYPE_DEFINITION || node.kind === Kind.ENUM_TYPE_DEFINITION)
      read(type, node.directives);
    if (node.kind === Kind.INPUT_OBJECT_TYPE_DEFINITION)
      for (const field of node.fields ?? []) read(`${type}.${field.name.value}`, field.directives);
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION && node.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    read(type, node.directives);
    for (const field of node.fields ?? []) {
      const coordinate = `${type}.${field.name.value}`;
      read(coordinate, field.directives);
      for (const argument of field.arguments ?? []) read(`${coordinate}(${argument.name.value}:)`, argument.directives);
    }
  }
  return rules;
}

/** The names that a `@link` of the specification gives its directives; undefined without one. */
function directiveNames(document: DocumentNode): { cost: string; listSize: string } | undefined {
  for (const node of document.definitions) {
    if (node.kind !== Kind.SCHEMA_DEFINITION && node.kind !== Kind.SCHEMA_EXTENSION) continue;
    for (const directive of node.directives ?? []) {
      const { url, as, import: imported } = argumentsOf(directive);
      if (directive.name.value !== 'link' || typeof url !== 'string' || !url.startsWith(SPECIFICATION)) continue;
      const prefix = typeof as === 'string' ? as : 'cost';
      const nameOf = (name: string, otherwise: string): string => {
        for (const element of Array.isArray(imported) ? (imported as unknown[]) : []) {
          if (element === `@${name}`) return name;
          const { name: of, as: alias } = element as { name?: string; as?: string };
          if (of === `@${name}`) return (alias ?? of).slice(1);
        }
        return otherwise;
      };
      return { cost: nameOf('cost', prefix), listSize: nameOf('listSize', `${prefix}__listSize`) };
    }
  }
  return undefined;
}

function argumentsOf(directive: ConstDirectiveNode): Record<string, unknown> {
  return Object.fromEntries(
    (directive.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value)]),
  );
}

function listSize({
  assumedSize,
  slicingArguments,
  sizedFields,
  requireOneSlicingArgument,
}: Record<string, unknown>): ListSize {
  return {
    assumedSize: typeof assumedSize === 'number' ? assumedSize : undefined,
    slicingArguments: (slicingArguments as string[] | null | undefined) ?? [],
    sizedFields: (sizedFields as string[] | null | undefined) ?? [],
    requiresOne: requireOneSlicingArgument !== false,
  };
}
