import { isEnumType, isSpecifiedScalarType, type GraphQLLeafType } from 'graphql';

const INTEGER = /^-?(0|[1-9]\d*)$/;

/** Whether a subgraph's value is one of a leaf type; a custom scalar takes anything (as in stock Apollo Gateway). */
export function isLeafValue(type: GraphQLLeafType, value: unknown): boolean {
  if (isEnumType(type)) return typeof value === 'string' && type.getValue(value) !== undefined;
  if (!isSpecifiedScalarType(type)) return true;
  switch (type.name) {
    case 'Boolean':
      return typeof value === 'boolean';
    case 'Int':
      return typeof value === 'number' && INTEGER.test(String(value));
    case 'Float':
      return typeof value === 'number' && Number.isFinite(value);
    case 'ID':
      return typeof value === 'string' || (typeof value === 'number' && INTEGER.test(String(value)));
    default:
      return typeof value === 'string';
  }
}
