import type { FetchDataRewrite } from '@apollo/query-planner';
import { isAbstractType, isInterfaceType, isObjectType, type GraphQLNamedType, type GraphQLSchema } from 'graphql';
import { getOwn, isObject, setOwn, type Data } from './place.ts';

const TYPE_CONDITION = '... on ';

/** Applies what a plan wants renamed or set in a representation before it is sent, or in an answer before it is merged. */
export function applyRewrites(schema: GraphQLSchema, rewrites: FetchDataRewrite[] | undefined, value: unknown): void {
  for (const rewrite of rewrites ?? []) {
    const field = rewrite.path.at(-1);
    if (field === undefined) continue;
    for (const object of objectsAt(schema, value, rewrite.path.slice(0, -1))) {
      if (rewrite.kind === 'ValueSetter') {
        setOwn(object, field, rewrite.setValueTo);
      } else if (Object.hasOwn(object, field)) {
        setOwn(object, rewrite.renameKeyTo, getOwn(object, field));
        delete object[field];
      }
    }
  }
}

/** What an answer's field is called once the rewrites are applied. */
export function rewrittenName(rewrites: FetchDataRewrite[] | undefined, name: string): string {
  const rewrite = rewrites?.find(({ kind, path }) => kind === 'KeyRenamer' && path.at(-1) === name);
  return rewrite?.kind === 'KeyRenamer' ? rewrite.renameKeyTo : name;
}

/** The objects that a rewrite's path leads to: through lists, and past type conditions that hold. */
export function objectsAt(schema: GraphQLSchema, value: unknown, path: string[]): Data[] {
  if (Array.isArray(value)) return value.flatMap((element) => objectsAt(schema, element, path));
  if (!isObject(value)) return [];
  const [step, ...rest] = path;
  if (step === undefined) return [value];
  if (!step.startsWith(TYPE_CONDITION)) return objectsAt(schema, getOwn(value, step), rest);
  return isOfType(schema, value, step.slice(TYPE_CONDITION.length), true) ? objectsAt(schema, value, rest) : [];
}

/** Whether an object's `__typename` is a type or one of its subtypes; `unknown` where it has no `__typename`. */
export function isOfType(schema: GraphQLSchema, object: Data, typeName: string, unknown: boolean): boolean {
  const name = object['__typename'];
  if (typeof name !== 'string') return unknown;
  const [type, condition] = [schema.getType(name), schema.getType(typeName)];
  return name === typeName || (!!type && !!condition && isSubtype(schema, condition, type));
}

/** Whether every object of type `type` is one of type `of`. */
export function isSubtype(schema: GraphQLSchema, of: GraphQLNamedType, type: GraphQLNamedType): boolean {
  if (of === type) return true;
  return isAbstractType(of) && (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(of, type);
}
