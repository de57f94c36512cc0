import { isEnumType, isSpecifiedScalarType, type GraphQLLeafType } from 'graphql';
import { jsonText, quote } from '../json-text.ts';

/** The JSON text of a leaf's value, which is not null; undefined where it is none of its type. */
export type LeafText = (value: unknown) => string | undefined;

/** From here on numbers are written with exponents. */
const MAX_PLAIN = 1e21;

const isWhole = (value: unknown): value is number => Number.isInteger(value) && Math.abs(value as number) < MAX_PLAIN;

const SPECIFIED: Record<string, LeafText> = {
  String: (value) => (typeof value === 'string' ? quote(value) : undefined),
  ID: (value) => (typeof value === 'string' ? quote(value) : isWhole(value) ? String(value) : undefined),
  Int: (value) => (isWhole(value) ? String(value) : undefined),
  Float: (value) => (Number.isFinite(value) ? String(value) : undefined),
  Boolean: (value) => (value === true ? 'true' : value === false ? 'false' : undefined),
};

/** How values of a type are written; a custom scalar takes anything (as in stock Apollo Gateway). */
export function leafText(type: GraphQLLeafType): LeafText {
  if (isEnumType(type)) {
    const texts = new Map<unknown, string>(type.getValues().map(({ name }) => [name, JSON.stringify(name)]));
    return (value) => texts.get(value);
  }
  return (isSpecifiedScalarType(type) && SPECIFIED[type.name]) || jsonText;
}
