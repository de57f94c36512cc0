/** So many pieces of a document, each made with its number. */
export const times = (n: number, of: (i: number) => string): string =>
  Array.from({ length: n }, (_, i) => of(i)).join(' ');

/** Fragments each of which spreads the next one twice: 2 to the power of `levels` fields. */
export const doubling = (levels: number, type: string, inner: string): string =>
  `${times(levels, (i) => `fragment F${i} on ${type} { ...F${i + 1} ...F${i + 1} }`)} fragment F${levels} on ${type} { ${inner} }`;
