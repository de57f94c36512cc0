import internals, {
  type CompositeType,
  type FieldDefinition,
  type InterfaceType,
  type ObjectType,
  type Schema,
  type SelectionSet,
} from '@apollo/federation-internals';
import { linked, readContexts } from './directives.ts';

type Owner = ObjectType | InterfaceType;

/**
 * Reads from which other fields a supergraph's fields are computed, by `@join__field(requires:, contextArguments:)`
 * (join spec): the fields that a subgraph gets to see for it, also those of the interfaces that an object implements.
 */
export function createDependencies(
  schema: Schema,
): (type: ObjectType, field: FieldDefinition<Owner>) => FieldDefinition<Owner>[] {
  const contexts = readContexts(schema);
  const joinField = linked(schema, internals.JOIN_VERSIONS)?.fieldDirective(schema);
  if (!joinField) throw new Error('the supergraph does not link the join specification');

  const contextFields = (name: string, selection: string): FieldDefinition<Owner>[] =>
    (contexts.get(name) ?? []).flatMap((typeName) => fieldsIn(schema.type(typeName) as CompositeType, selection));

  return (type, field) => {
    const declared = [field, ...type.interfaces().flatMap((parent) => parent.field(field.name) ?? [])];
    return declared
      .flatMap((definition) => definition.appliedDirectivesOf(joinField))
      .flatMap((directive) => {
        const { requires, contextArguments } = directive.arguments();
        return [
          ...(requires === undefined ? [] : fieldsIn(type, requires)),
          ...(contextArguments ?? []).flatMap(({ context, selection }) => contextFields(context, selection)),
        ];
      });
  };
}

function fieldsIn(parentType: CompositeType, source: string): FieldDefinition<Owner>[] {
  return fieldsOf(internals.parseSelectionSet({ parentType, source }));
}

function fieldsOf(set: SelectionSet): FieldDefinition<Owner>[] {
  return set
    .selections()
    .flatMap((selection) => [
      ...(selection.kind === 'FieldSelection' ? [selection.element.definition as FieldDefinition<Owner>] : []),
      ...(selection.selectionSet ? fieldsOf(selection.selectionSet) : []),
    ]);
}
