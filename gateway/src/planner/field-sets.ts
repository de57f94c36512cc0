import {
  Kind,
  parse,
  print,
  visit,
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InterfaceTypeDefinitionNode,
  type ObjectTypeDefinitionNode,
  type SelectionNode,
  type TypeNode,
  type ValueNode,
} from 'graphql';

/** A type with fields, as a supergraph's SDL defines it. */
export type FieldedType = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

/** The types of a supergraph that have fields, by name. */
export function fieldedTypes(document: DocumentNode): Map<string, FieldedType> {
  return new Map(document.definitions.flatMap((node) => (isFielded(node) ? [[node.name.value, node]] : [])));
}

export function isFielded(node: DefinitionNode): node is FieldedType {
  return node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION;
}

export function fieldOf(type: FieldedType | undefined, name: string): FieldDefinitionNode | undefined {
  return type?.fields?.find((field) => field.name.value === name);
}

export function namedType(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedType(type.type);
}

/** An argument of a directive, where it is a string or an enum value. */
export function directiveArgument(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.STRING || value?.kind === Kind.ENUM ? value.value : undefined;
}

/** The selections of a field set, such as `upc category { name }` (with or without braces around it). */
export function parseFieldSet(fieldSet: string): readonly SelectionNode[] {
  const source = fieldSet.trim().startsWith('{') ? fieldSet : `{${fieldSet}}`;
  const [operation] = parse(source, { noLocation: true }).definitions;
  return operation?.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet.selections : [];
}

/** The dotted paths of the leaves of a field set, whatever types they are selected of: `upc category.name`. */
export function leavesOf(selections: readonly SelectionNode[], above = ''): string[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return [];
    const path = selection.kind === Kind.FIELD ? `${above}${selection.name.value}` : undefined;
    if (path !== undefined && !selection.selectionSet) return [path];
    return leavesOf(selection.selectionSet?.selections ?? [], path === undefined ? above : `${path}.`);
  });
}

export function printFieldSet(selections: readonly SelectionNode[]): string {
  return selections.map((selection) => print(selection)).join(' ');
}

/** The names of the fields that the planner may select besides an operation's own: of keys, requirements and contexts. */
export function fieldsOfFieldSets(document: DocumentNode): Set<string> {
  const names = new Set(['__typename']);
  const add = (fieldSet: string): void =>
    void visit(
      { kind: Kind.SELECTION_SET, selections: parseFieldSet(fieldSet) },
      { Field: ({ name }) => void names.add(name.value) },
    );
  visit(document, {
    Directive: (node) => (node.name.value.startsWith('join__') ? undefined : false),
    Argument: ({ name, value }) => {
      if ((name.value === 'key' || name.value === 'requires') && value.kind === Kind.STRING) add(value.value);
    },
    ObjectField: ({ name, value }) => {
      if (name.value === 'selection' && value.kind === Kind.STRING) add(value.value);
    },
  });
  return names;
}

/** The names of the fields that subgraphs resolve which have their interface as an object. */
export function fieldsOfInterfaceObjects(document: DocumentNode): Set<string> {
  const names = new Set<string>();
  for (const type of fieldedTypes(document).values()) {
    const graphs = new Set(
      (type.directives ?? []).flatMap((directive) =>
        directive.arguments?.some(({ name, value }) => name.value === 'isInterfaceObject' && isTrue(value))
          ? [directiveArgument(directive, 'graph')]
          : [],
      ),
    );
    if (graphs.size === 0) continue;
    for (const { name, directives } of type.fields ?? []) {
      const joined = directives?.filter((directive) => directive.name.value === 'join__field') ?? [];
      // Without `@join__field` a field is in all of the type's subgraphs.
      if (joined.length === 0 || joined.some((directive) => graphs.has(directiveArgument(directive, 'graph'))))
        names.add(name.value);
    }
  }
  return names;
}

function isTrue(value: ValueNode): boolean {
  return value.kind === Kind.BOOLEAN && value.value;
}

/** The subgraphs' names, by the values of `join__Graph` that stand for them in a supergraph's SDL. */
export function subgraphNames(document: DocumentNode): Map<string, string> {
  const graphs = document.definitions.find(
    (node) => node.kind === Kind.ENUM_TYPE_DEFINITION && node.name.value === 'join__Graph',
  );
  const values = graphs?.kind === Kind.ENUM_TYPE_DEFINITION ? (graphs.values ?? []) : [];
  return new Map(
    values.map(({ name, directives }) => {
      const graph = directives?.find((directive) => directive.name.value === 'join__graph');
      return [name.value, (graph && directiveArgument(graph, 'name')) ?? name.value];
    }),
  );
}

/** A supergraph's definitions with other fields. */
export function mapFields(
  definitions: readonly DefinitionNode[],
  change: (type: FieldedType, field: FieldDefinitionNode) => FieldDefinitionNode,
): DefinitionNode[] {
  return definitions.map((node) =>
    isFielded(node) ? { ...node, fields: node.fields?.map((field) => change(node, field)) } : node,
  );
}

/** A field with other field sets in an argument of its `@join__field`s. */
export function withFieldSet(
  field: FieldDefinitionNode,
  argument: 'requires' | 'provides',
  change: (fieldSet: string, graph: string | undefined) => string,
): FieldDefinitionNode {
  const changed = (directive: ConstDirectiveNode): ConstDirectiveNode => {
    const fieldSet = directive.name.value === 'join__field' ? directiveArgument(directive, argument) : undefined;
    if (fieldSet === undefined) return directive;
    const value = change(fieldSet, directiveArgument(directive, 'graph'));
    if (value === fieldSet) return directive;
    return {
      ...directive,
      arguments: directive.arguments?.map((given) =>
        given.name.value === argument ? { ...given, value: { kind: Kind.STRING, value } } : given,
      ),
    };
  };
  return { ...field, directives: field.directives?.map(changed) };
}
