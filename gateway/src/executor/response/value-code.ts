import {
  getNamedType,
  isLeafType,
  isListType,
  isNonNullType,
  type GraphQLCompositeType,
  type GraphQLOutputType,
} from 'graphql';
import { literal, type Code, type Name } from '../code.ts';
import type { Occurrence } from '../collect.ts';
import { leafText } from './leaf-text.ts';
import type { Writers } from './writers.ts';
import { report, reportInvalid, reportMissing, tooLong, writeShared } from './writing.ts';

/**
 * Defines a function that writes a value of a type, as a WriteObject does: 'null' also where it is wrong. `what` is code for
 * the words that name it in a fault.
 */
export function defineValue(
  code: Code,
  writers: Writers,
  type: GraphQLOutputType,
  occurrences: Occurrence[],
  what: string,
): Name {
  if (isNonNullType(type)) return defineNonNull(code, defineValue(code, writers, type.ofType, occurrences, what), what);
  if (isListType(type)) return defineList(code, writers, type.ofType, occurrences, what);
  if (isLeafType(type)) return defineLeaf(code, code.constant(leafText(type)), what);
  return defineComposite(code, writers, getNamedType(type) as GraphQLCompositeType, occurrences, what);
}

const PARAMETERS = 'v, w, d';
const NULL = `if (v === null || v === undefined) return 'null';`;

function invalid(code: Code, what: string): string {
  return `return ${code.constant(reportInvalid)}(w, d, ${what});`;
}

/** One report is enough: where something within was told of, the null is explained. */
function defineNonNull(code: Code, inner: Name, what: string): Name {
  return code.define(
    PARAMETERS,
    `const told = w.told;
     const text = ${inner}(v, w, d);
     if (text !== 'null') return text;
     return w.told === told ? ${code.constant(reportMissing)}(w, d, ${what}) : undefined;`,
  );
}

function defineLeaf(code: Code, text: Name, what: string): Name {
  return code.define(
    PARAMETERS,
    `${NULL} const text = ${text}(v); if (text !== undefined) return text; ${invalid(code, what)}`,
  );
}

/** All elements are written, so that all faults in them are told of, even where one makes the list null. */
function defineList(
  code: Code,
  writers: Writers,
  type: GraphQLOutputType,
  occurrences: Occurrence[],
  what: string,
): Name {
  const name = literal(`array element of type ${String(isNonNullType(type) ? type.ofType : type)} at index `);
  const element = defineValue(code, writers, type, occurrences, `${name} + w.path[d - 1]`);
  const { maxLength } = writers;
  return code.define(
    PARAMETERS,
    `${NULL} if (!Array.isArray(v)) { ${invalid(code, what)} }
     const path = w.path;
     let text = '[', isNull = false;
     for (let i = 0; i < v.length; i++) {
       path[d] = i;
       const e = ${element}(v[i], w, d + 1);
       if (e === undefined) isNull = true;
       else text += i === 0 ? e : ',' + e;
       if (text.length > ${maxLength}) ${code.constant(tooLong)}(${maxLength});
     }
     return isNull ? 'null' : text + ']';`,
  );
}

function defineComposite(
  code: Code,
  writers: Writers,
  type: GraphQLCompositeType,
  occurrences: Occurrence[],
  what: string,
): Name {
  const objects = code.constant(writers.objectsOf(type, occurrences));
  const declared = `${objects}.declared(v, w, d)`;
  // A root type has names of its own in the subgraphs.
  const write = writers.isRoot(type)
    ? `const text = ${declared};`
    : `const name = v.__typename;
       const write = name === ${literal(type.name)} ? ${objects}.declared : ${objects}.named(name);
       if (write === undefined) return ${code.constant(report)}(w, d, 'Invalid __typename found for object at ' + ${what} + '.');
       const shared = w.run.sharing.objects;
       const text = shared !== undefined && shared.has(v) ? ${code.constant(writeShared)}(write, v, w, d) : write(v, w, d);`;
  return code.define(
    PARAMETERS,
    `${NULL} if (typeof v !== 'object' || Array.isArray(v)) { ${invalid(code, what)} }
     ${write}
     return text === undefined ? 'null' : text;`,
  );
}
