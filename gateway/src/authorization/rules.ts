import internals, {
  type FieldDefinition,
  type InterfaceType,
  type NamedType,
  type ObjectType,
  type Schema,
} from '@apollo/federation-internals';
import { createDependencies } from './dependencies.ts';
import { readDirectives, type Stated } from './directives.ts';
import { beyond } from './implied.ts';
import { createRequirements, type Requirement } from './requirement.ts';

type Owner = ObjectType | InterfaceType;
type Demands = ReadonlySet<Requirement>;

/**
 * What it takes to see objects of a type, and their fields. For an interface or a union: what it takes whatever type
 * an object is of, so that it does for one whose type is not known.
 */
export type Rules = {
  type: (name: string) => Demands;
  field: (type: string, field: string) => Demands;
};

const NONE: Demands = new Set();

/**
 * Reads a supergraph's `@authenticated` and `@requiresScopes`; undefined where it has none. A field takes what is
 * stated on it, on its object type, on the type that it returns, and what all fields that it is computed from take.
 *
 * Composition repeats on interfaces what implementations state; that counts for those implementations only. What an
 * interface states beyond that counts for everything that implements it.
 */
export function readRules(schema: Schema): Rules | undefined {
  const stated = readDirectives(schema, createRequirements());
  if (!stated || ![...schema.types()].some((type) => isProtected(stated, type))) return undefined;

  const objects = [...schema.objectTypes()];
  const possible = new Map<string, readonly ObjectType[]>(objects.map((type) => [type.name, [type]]));
  for (const type of schema.interfaceTypes()) possible.set(type.name, type.possibleRuntimeTypes());
  for (const type of schema.unionTypes()) possible.set(type.name, type.types());

  const ofInterface = memoized((type: InterfaceType) => {
    const objectTypes = possible.get(type.name) ?? [];
    return beyond(stated(type), objectTypes.flatMap(stated));
  });
  const ofInterfaceField = memoized((field: FieldDefinition<InterfaceType>) => {
    const objectTypes = possible.get(field.parent.name) ?? [];
    return beyond(
      stated(field),
      objectTypes.flatMap((type) => stated(type.field(field.name) as FieldDefinition<ObjectType>)),
    );
  });

  const ofObject = memoized(
    (type: ObjectType): Demands => new Set([...stated(type), ...type.interfaces().flatMap(ofInterface)]),
  );
  /** What all objects of a type take. */
  const ofReturned = (type: NamedType): Demands => {
    const [first, ...rest] = (possible.get(type.name) ?? []).map(ofObject);
    if (!first) return new Set(stated(type));
    return new Set([...first].filter((requirement) => rest.every((demands) => demands.has(requirement))));
  };
  const ofFieldAlone = (type: ObjectType, field: FieldDefinition<Owner>): Requirement[] => [
    ...stated(field),
    ...type
      .interfaces()
      .flatMap((parent) => parent.field(field.name) ?? [])
      .flatMap(ofInterfaceField),
    ...ofObject(type),
    ...ofReturned(internals.baseType(field.type as NamedType) as NamedType),
  ];

  const dependenciesOf = createDependencies(schema);
  /** The fields that a field is computed from, and those that these are computed from, with itself. */
  const computedFrom = (type: ObjectType, name: string): [ObjectType, FieldDefinition<Owner>][] => {
    const found = new Map<string, [ObjectType, FieldDefinition<Owner>]>();
    const visit = (object: ObjectType, fieldName: string): void => {
      const field = object.field(fieldName);
      if (!field || found.has(field.coordinate)) return;
      found.set(field.coordinate, [object, field]);
      for (const needed of dependenciesOf(object, field))
        for (const holder of possible.get(needed.parent.name) ?? []) visit(holder, needed.name);
    };
    visit(type, name);
    return [...found.values()];
  };

  const fields = new Map<string, Map<string, Demands>>();
  const types = new Map<string, Demands>();
  for (const type of objects) {
    types.set(type.name, ofObject(type));
    const ofFields = type
      .fields()
      .map(({ name }) => [name, computedFrom(type, name).flatMap((one) => ofFieldAlone(...one))] as const);
    fields.set(type.name, new Map(ofFields.map(([name, demands]) => [name, new Set(demands)])));
  }
  for (const [name, objectTypes] of possible) {
    if (types.has(name)) continue;
    types.set(name, union(objectTypes.map((type) => types.get(type.name))));
    const abstract = schema.type(name);
    const fieldNames = abstract?.kind === 'InterfaceType' ? abstract.fields().map((field) => field.name) : [];
    const all = (field: string): Demands => union(objectTypes.map((type) => fields.get(type.name)?.get(field)));
    fields.set(name, new Map(fieldNames.map((field) => [field, all(field)])));
  }
  return {
    type: (name) => types.get(name) ?? NONE,
    field: (type, field) => fields.get(type)?.get(field) ?? NONE,
  };
}

function isProtected(stated: Stated, type: NamedType): boolean {
  if (stated(type).length > 0) return true;
  return 'fields' in type && type.fields().some((field) => stated(field).length > 0);
}

function union(sets: (Demands | undefined)[]): Demands {
  return new Set(sets.flatMap((set) => [...(set ?? NONE)]));
}

function memoized<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const value = known.get(key) ?? make(key);
    known.set(key, value);
    return value;
  };
}
