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
function directiveArgument(directive: ConstDirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return value?.kind === Kind.STRING || value?.kind === Kind.ENUM ? value.value : undefined;
}

/** The selections of a field set, such as `upc category { name }` (with or without braces around it). */
export function parseFieldSet(fieldSet: string): readonly SelectionNode[] {
  const source = fieldSet.trim().startsWith('{') ? fieldSet : `{${fieldSet}}`;
  const [operation] = parse(source, { noLocation: true }).definitions;
  return operation?.kind === Kind.OPERATION_DEFINITION ? operation.selectionSet.selections : [];
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
