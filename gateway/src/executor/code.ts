/** A name in generated code. */
export type Name = string;

/**
 * Puts JavaScript together. Code is made of what this program's own sources say, of names that are made here, and of texts
 * that passed through `literal`: whatever a schema, an operation or a subgraph says gets in as a text or a constant, and
 * never as code.
 */
export type Code = {
  /** The name by which the code knows a value. */
  constant: (value: unknown) => Name;
  /** A name for a function, for code that calls itself. */
  name: () => Name;
  /** Adds a function, whose body is code; returns its name. */
  define: (parameters: string, body: string, name?: Name) => Name;
  /** The function of that name, with all that it needs. */
  build: <F>(name: Name) => F;
};

/** Counts characters of generated code. */
export type Tally = { characters: number };

/** `tally`: takes the code's length into account. */
export function createCode(tally?: Tally): Code {
  const names = new Map<unknown, Name>();
  const functions: string[] = [];
  let named = 0;
  const name = (): Name => `f${named++}`;
  return {
    constant: (value) => {
      const known = names.get(value) ?? `k${names.size}`;
      names.set(value, known);
      return known;
    },
    name,
    define: (parameters, body, given) => {
      const called = given ?? name();
      functions.push(`function ${called}(${parameters}) { ${body} }`);
      return called;
    },
    build: (main) => {
      const source = `'use strict'; ${functions.join('\n')}\nreturn ${main};`;
      if (tally) tally.characters += source.length;
      // oxlint-disable-next-line no-implied-eval, typescript/no-implied-eval -- see above: no input becomes code
      return new Function(...names.values(), source)(...names.keys());
    },
  };
}

/** A text as a literal of JavaScript: JSON is a part of the language (ECMA-262, since 2019 with U+2028 and U+2029). */
export function literal(text: string): string {
  return JSON.stringify(text);
}

/** Code for an object's own property, which may be called like one of its prototype's. */
export function property(code: Code, object: Name, key: string): string {
  return key in Object.prototype
    ? `${code.constant(getOwnOf)}(${object}, ${literal(key)})`
    : `${object}[${literal(key)}]`;
}

function getOwnOf(object: object, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key as never] : undefined;
}
