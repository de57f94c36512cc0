import type { FetchNode } from '@apollo/query-planner';
import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  parse,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type SelectionNode,
} from 'graphql';
import { fragmentsOf } from '../executor/collect.ts';
import { merge } from '../executor/merge.ts';
import { getOwn, isObject, setOwn, type Data } from '../executor/place.ts';
import { applyRewrites, isSubtype } from '../executor/rewrites.ts';
import type { EntityKeys } from './entity-keys.ts';
import type { CloudEvent } from './event.ts';

/** What the envelope says of an event, by the name that a field has for it. */
const ENVELOPE: Record<string, (event: CloudEvent) => unknown> = {
  id: (event) => event.id,
  type: (event) => event.type,
  at: (event) => event.time,
  subject: (event) => event.subject,
};

type Building = {
  schema: GraphQLSchema;
  keys: EntityKeys;
  fragments: Map<string, FragmentDefinitionNode>;
  event: CloudEvent;
};

/**
 * Compiles a subscription plan's primary fetch into a function that takes its answer from an event instead: `id`,
 * `type`, `at` (the time) and `subject` from the envelope, everything else from `data` by name. An entity's key comes
 * from `data.<field>.<key>` or, where that is absent, from `subject`.
 */
export function compileValue(
  schema: GraphQLSchema,
  keys: EntityKeys,
  primary: Pick<FetchNode, 'operation' | 'outputRewrites'>,
): (event: CloudEvent) => Data {
  const document = parse(primary.operation);
  const operation = document.definitions.find((node) => node.kind === Kind.OPERATION_DEFINITION);
  const root = schema.getSubscriptionType();
  if (!operation || !root) throw new Error('the plan of a subscription does not start with a subscription');
  const fragments = fragmentsOf(document);
  return (event) => {
    const building: Building = { schema, keys, fragments, event };
    const data = isObject(event.data) ? event.data : {};
    const envelope = (field: string): unknown =>
      Object.hasOwn(ENVELOPE, field) ? ENVELOPE[field]?.(event) : getOwn(data, field);
    const value: Data = {};
    // The root field is the event itself.
    fill(building, value, operation.selectionSet.selections, root, () => envelope);
    applyRewrites(schema, primary.outputRewrites, value);
    return value;
  };
}

type Lookup = (field: string) => unknown;

function fill(
  building: Building,
  target: Data,
  selections: readonly SelectionNode[],
  type: GraphQLCompositeType,
  lookup: Lookup,
): void {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      const name = selection.name.value;
      const key = selection.alias?.value ?? name;
      const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;
      if (name === '__typename') setOwn(target, key, type.name);
      else if (field)
        // Selected more than once, as by overlapping fragments, an object has the fields of all selections.
        merge(target, {
          [key]: valueOf(building, field.type, selection.selectionSet?.selections ?? [], lookup(name)),
        });
      continue;
    }
    const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? building.fragments.get(selection.name.value) : selection;
    const condition = fragment?.typeCondition ? building.schema.getType(fragment.typeCondition.name.value) : type;
    if (fragment && condition && isSubtype(building.schema, condition, type))
      fill(building, target, fragment.selectionSet.selections, type, lookup);
  }
}

function valueOf(
  building: Building,
  type: GraphQLOutputType,
  selections: readonly SelectionNode[],
  source: unknown,
): unknown {
  if (isNonNullType(type)) return valueOf(building, type.ofType, selections, source);
  if (source === null) return null;
  if (isListType(type))
    return Array.isArray(source) ? source.map((element) => valueOf(building, type.ofType, selections, element)) : null;
  const named = getNamedType(type);
  if (!isCompositeType(named)) return source ?? null;
  const lookup = lookupIn(building, named, source);
  if (!lookup) return null;
  const stated = isObject(source) ? building.schema.getType(String(getOwn(source, '__typename'))) : undefined;
  const target: Data = {};
  fill(building, target, selections, isCompositeType(stated) ? stated : named, lookup);
  return target;
}

/** How an object's fields are found; undefined where the event does not tell which object it is. */
function lookupIn({ keys, event }: Building, type: GraphQLCompositeType, source: unknown): Lookup | undefined {
  if (typeof source === 'function') return source as Lookup;
  const object = isObject(source) ? source : undefined;
  const keyFields = keys.get(type.name);
  if (!keyFields) return object && ((field) => getOwn(object, field));
  const lookup: Lookup = (field) =>
    (object && getOwn(object, field)) ?? (keyFields.has(field) ? event.subject : undefined);
  return object || [...keyFields].some((field) => lookup(field) !== undefined) ? lookup : undefined;
}
