/** What all values beyond the bound count as. */
export const OTHER = 'other';
const MAX_LENGTH = 100;

/**
 * A label for values that clients or subgraphs choose: metrics keep each value for ever. The first `max` different ones
 * of at most 100 characters are told apart, and all others count as `other`. One that is not `trusted` takes no place.
 */
export type BoundedLabel = (value: string, trusted?: boolean) => string;

export function createBoundedLabel(max: number): BoundedLabel {
  const known = new Set<string>();
  return (value, trusted = true) => {
    if (known.has(value)) return value;
    if (!trusted || known.size >= max || value.length > MAX_LENGTH) return OTHER;
    known.add(value);
    return value;
  };
}
