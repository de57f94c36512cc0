import {
  isLeafType,
  isNonNullType,
  isObjectType,
  SchemaMetaFieldDef,
  TypeMetaFieldDef,
  type GraphQLCompositeType,
  type GraphQLField,
} from 'graphql';
import { createCode, literal, property, type Code } from '../code.ts';
import { collectFields, type Occurrence, type Selected } from '../collect.ts';
import { leafText } from './leaf-text.ts';
import { introspect } from './introspect.ts';
import { defineValue } from './value-code.ts';
import type { Writers } from './writers.ts';
import { reportUnfit, withhold, type WriteObject } from './writing.ts';

/** A field of an object: statements that run first, and code for its text. A text that is known is a literal. */
type FieldCode = { responseName: string; statements: string; text: { literal: string } | { code: string } };

/**
 * Makes the function that writes objects of a type by what is selected of them; `typeName` is what their data say of the
 * type, if they do. Fields are written in the order of the operation; the first that makes the object null ends it.
 */
export function objectWriter(
  writers: Writers,
  type: GraphQLCompositeType,
  selected: readonly Selected[],
  typeName: string | undefined,
): WriteObject {
  const code = createCode(writers.tally);
  const fields: FieldCode[] = [];
  let number = 0;
  for (const [key, occurrences] of collectFields(writers, selected, typeName)) {
    const field = fieldCode(code, writers, { type, typeName, key, occurrences, variable: `t${number++}` });
    if (field) fields.push(field);
  }
  // Of two under one name the second counts, in the place of the first.
  const last = new Map(fields.map((field) => [field.responseName, field]));
  const name = code.define(
    'o, w, d',
    `${fields.map(({ statements }) => statements).join('\n')} return ${joined([...last.values()])};`,
  );
  return code.build(name);
}

type FieldInput = {
  type: GraphQLCompositeType;
  typeName: string | undefined;
  key: string;
  occurrences: Occurrence[];
  variable: string;
};

function fieldCode(code: Code, writers: Writers, input: FieldInput): FieldCode | undefined {
  const { type, key, occurrences, variable } = input;
  const { node, definition, parent } = occurrences[0] as Occurrence;
  const name = node.name.value;
  const responseName = writers.responseNames.get(key) ?? key;
  if (name === '__typename') return typenameCode(code, writers, input, responseName);
  if (definition === SchemaMetaFieldDef || definition === TypeMetaFieldDef) {
    const answer = code.constant(introspect(writers, occurrences, key));
    return { responseName, statements: `const ${variable} = ${answer}(w.run);`, text: { code: variable } };
  }
  if (!definition) return undefined;
  const step = `w.path[d] = ${literal(responseName)};`;
  if (writers.access?.deniesField(type.name, name)) {
    const coordinate = literal(`${parent.name}.${name}`);
    const withheld = `${step} ${code.constant(withhold)}(w, d + 1, ${coordinate});`;
    return isNonNullType(definition.type)
      ? { responseName, statements: `${withheld} return undefined;`, text: { literal: '' } }
      : { responseName, statements: withheld, text: { literal: 'null' } };
  }
  const value = property(code, 'o', key);
  const what = literal(`field ${type.name}.${name}`);
  return {
    responseName,
    statements: leafCode(code, definition, variable, value, step, what) ?? valueCode(code),
    text: { code: variable },
  };

  function valueCode(code: Code): string {
    const { type: fieldType } = definition as GraphQLField<unknown, unknown>;
    const write = defineValue(code, writers, fieldType, occurrences, what);
    const end = isNonNullType(fieldType) ? ` if (${variable} === undefined) return undefined;` : '';
    return `${step} const ${variable} = ${write}(${value}, w, d + 1);${end}`;
  }
}

/** Most fields are leaves: these are written on the spot. */
function leafCode(
  code: Code,
  { type }: GraphQLField<unknown, unknown>,
  variable: string,
  value: string,
  step: string,
  what: string,
): string | undefined {
  const leaf = isNonNullType(type) ? type.ofType : type;
  if (!isLeafType(leaf)) return undefined;
  const unfit = `${code.constant(reportUnfit)}(v${variable}, w, d + 1, ${what})`;
  const read = `const v${variable} = ${value}; const isNull${variable} = v${variable} === null || v${variable} === undefined;`;
  const text = `${code.constant(leafText(leaf))}(v${variable})`;
  if (isNonNullType(type))
    return `${read} const ${variable} = isNull${variable} ? undefined : ${text};
            if (${variable} === undefined) { ${step} return ${unfit}; }`;
  return `${read} let ${variable} = isNull${variable} ? 'null' : ${text};
          if (${variable} === undefined) { ${step} ${unfit}; ${variable} = 'null'; }`;
}

/** An interface's name can come from a subgraph that has the interface as an object: it is nobody's type. */
function typenameCode(
  code: Code,
  { schema }: Writers,
  { type, typeName, key, variable }: FieldInput,
  responseName: string,
): FieldCode {
  const known = typeName === undefined ? undefined : schema.getType(typeName);
  if (isObjectType(known)) return { responseName, statements: '', text: { literal: literal(known.name) } };
  const textOf = (value: unknown): string | undefined => {
    const named = [schema.getType(String(value)), type].find(isObjectType);
    return named && literal(named.name);
  };
  const statements = `const ${variable} = ${code.constant(textOf)}(${property(code, 'o', key)});
                      if (${variable} === undefined) return undefined;`;
  return { responseName, statements, text: { code: variable } };
}

/** The object's text, with what is known of it in as few pieces as can be. */
function joined(fields: FieldCode[]): string {
  const pieces: string[] = [];
  let text = '{';
  fields.forEach(({ responseName, text: given }, i) => {
    text += `${i === 0 ? '' : ','}${literal(responseName)}:`;
    if ('literal' in given) text += given.literal;
    else {
      pieces.push(literal(text), given.code);
      text = '';
    }
  });
  return [...pieces, literal(`${text}}`)].join(' + ');
}
