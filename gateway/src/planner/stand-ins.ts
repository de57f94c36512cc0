import {
  Kind,
  print,
  type ConstArgumentNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type FieldNode,
  type SelectionNode,
} from 'graphql';
import {
  fieldedTypes,
  fieldOf,
  isFielded,
  mapFields,
  namedType,
  parseFieldSet,
  printFieldSet,
  subgraphNames,
  withFieldSet,
  type FieldedType,
} from './field-sets.ts';

/** What a field stands for: the field of another name, with these arguments. */
type StandIn = { field: string; arguments: readonly ConstArgumentNode[] };

/** Which stand-ins a field requires, by the path of the field that they stand for (`category.price`). */
export type Requirements = Map<string, Set<string>>;

/** What stands for what, and what requires it. */
export type Required = {
  /** By name. */
  standIns: ReadonlyMap<string, StandIn>;
  /** By `coordinateIn(subgraph, type, field)`. */
  requirements: ReadonlyMap<string, Requirements>;
};

export function coordinateIn(subgraph: string, type: string, field: string): string {
  return `${subgraph} ${type}.${field}`;
}

type Standing = {
  types: Map<string, FieldedType>;
  names: Set<string>;
  standIns: Map<string, StandIn>;
  /** Names of stand-ins by what they stand for. */
  byMeaning: Map<string, string>;
  /** The types that need a stand-in. */
  wanted: Map<string, Set<string>>;
};

/**
 * Gives each field with arguments that an `@requires` names, per values of its arguments, a field of its own that stands
 * for it: `price(currency: "USD")` becomes `price__requires1`.
 *
 * Apollo's planner takes fields of one name for one field, whatever their arguments: without stand-ins a client's
 * `price(currency: "EUR")`, or another requirement's, is silently dropped, or sent in place of the required value.
 */
export function withStandIns(document: DocumentNode): { document: DocumentNode; required: Required } {
  const types = fieldedTypes(document);
  const names = new Set([...types.values()].flatMap(({ fields }) => (fields ?? []).map(({ name }) => name.value)));
  const standing: Standing = { types, names, standIns: new Map(), byMeaning: new Map(), wanted: new Map() };
  const requirements = new Map<string, Requirements>();
  const subgraphs = subgraphNames(document);

  const requiring = mapFields(document.definitions, (type, field) =>
    withFieldSet(field, 'requires', (fieldSet, graph) => {
      const needs: Requirements = new Map();
      const selections = replace(standing, parseFieldSet(fieldSet), type.name.value, [], needs);
      if (needs.size === 0) return fieldSet;
      requirements.set(coordinateIn(subgraphs.get(graph ?? '') ?? '', type.name.value, field.name.value), needs);
      return printFieldSet(selections);
    }),
  );
  const required = { standIns: standing.standIns, requirements };
  if (required.standIns.size === 0) return { document, required };
  const providing = mapFields(requiring, (_type, field) =>
    withFieldSet(field, 'provides', (fieldSet) =>
      printFieldSet(provide(standing, parseFieldSet(fieldSet), namedType(field.type))),
    ),
  );
  return { document: { ...document, definitions: addStandIns(standing, providing) }, required };
}

/** A requirement's selections, with stand-ins for the fields that have arguments. */
function replace(
  standing: Standing,
  selections: readonly SelectionNode[],
  typeName: string,
  above: readonly string[],
  required: Requirements,
): SelectionNode[] {
  return selections.map((selection) => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return selection;
    if (selection.kind === Kind.INLINE_FRAGMENT)
      return within(selection, selection.typeCondition?.name.value ?? typeName, above);
    const definition = fieldOf(standing.types.get(typeName), selection.name.value);
    if (!definition) return selection;
    const path = [...above, selection.name.value];
    const inner = within(selection, namedType(definition.type), path);
    if (!definition.arguments?.length) return inner;
    const name = standInFor(standing, selection, typeName);
    const key = path.join('.');
    required.set(key, (required.get(key) ?? new Set()).add(name));
    return { ...inner, name: { kind: Kind.NAME, value: name }, arguments: [] };
  });

  function within<T extends SelectionNode & { selectionSet?: FieldNode['selectionSet'] }>(
    selection: T,
    type: string,
    path: readonly string[],
  ): T {
    if (!selection.selectionSet) return selection;
    const inner = replace(standing, selection.selectionSet.selections, type, path, required);
    return { ...selection, selectionSet: { ...selection.selectionSet, selections: inner } };
  }
}

function standInFor(standing: Standing, { name, arguments: given }: FieldNode, typeName: string): string {
  const meaning = `${name.value}(${(given ?? []).map((argument) => print(argument)).toSorted()})`;
  let standIn = standing.byMeaning.get(meaning);
  if (standIn === undefined) {
    let n = standing.standIns.size + 1;
    while (standing.names.has(`${name.value}__requires${n}`)) n++;
    standIn = `${name.value}__requires${n}`;
    standing.byMeaning.set(meaning, standIn);
    standing.standIns.set(standIn, { field: name.value, arguments: (given ?? []) as ConstArgumentNode[] });
    standing.names.add(standIn);
  }
  const types = standing.wanted.get(standIn) ?? new Set();
  for (const type of family(standing, typeName, name.value)) types.add(type);
  standing.wanted.set(standIn, types);
  return standIn;
}

/** The types that share a type's field through interfaces: what one of them has, all must have. */
function family({ types }: Standing, typeName: string, field: string): Set<string> {
  const found = new Set([typeName]);
  for (const name of found) {
    for (const [otherName, other] of types) {
      const related = implementsType(types.get(name), otherName) || implementsType(other, name);
      if (related && fieldOf(other, field)) found.add(otherName);
    }
  }
  return found;
}

function implementsType(type: FieldedType | undefined, name: string): boolean {
  return !!type?.interfaces?.some((implemented) => implemented.name.value === name);
}

/** What provides a field provides its stand-ins too. */
function provide(standing: Standing, selections: readonly SelectionNode[], typeName: string): SelectionNode[] {
  return selections.flatMap((selection): SelectionNode[] => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return [selection];
    const field =
      selection.kind === Kind.FIELD ? fieldOf(standing.types.get(typeName), selection.name.value) : undefined;
    const inner =
      selection.kind === Kind.INLINE_FRAGMENT
        ? (selection.typeCondition?.name.value ?? typeName)
        : field && namedType(field.type);
    if (inner === undefined) return [selection];
    const { selectionSet } = selection;
    const provided: SelectionNode = selectionSet
      ? {
          ...selection,
          selectionSet: { ...selectionSet, selections: provide(standing, selectionSet.selections, inner) },
        }
      : selection;
    if (provided.kind !== Kind.FIELD) return [provided];
    const name = provided.name.value;
    const standIns = [...standing.standIns.keys()].filter(
      (standIn) => standing.standIns.get(standIn)?.field === name && standing.wanted.get(standIn)?.has(typeName),
    );
    return [
      provided,
      ...standIns.map((value) => ({ ...provided, name: { kind: Kind.NAME as const, value }, arguments: [] })),
    ];
  });
}

/** A stand-in is resolved wherever its field is. */
function addStandIns(standing: Standing, definitions: readonly DefinitionNode[]): DefinitionNode[] {
  return definitions.map((node) => {
    if (!isFielded(node)) return node;
    const added = [...standing.standIns].flatMap(([name, { field }]): FieldDefinitionNode[] => {
      const original = standing.wanted.get(name)?.has(node.name.value) ? fieldOf(node, field) : undefined;
      if (!original) return [];
      const directives = original.directives?.filter((directive) => directive.name.value === 'join__field');
      return [{ ...original, name: { kind: Kind.NAME, value: name }, arguments: [], directives }];
    });
    return added.length === 0 ? node : { ...node, fields: [...(node.fields ?? []), ...added] };
  });
}
