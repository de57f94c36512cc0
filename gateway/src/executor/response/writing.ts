import { GraphQLError } from 'graphql';
import type { Run } from '../run.ts';

/** The JSON text of an object at a place of the response; undefined where a null that must not be makes it null. */
export type WriteObject = (object: object, writing: Writing, depth: number) => string | undefined;

/** A response that is being written. */
export type Writing = {
  run: Run;
  /** Where it is written: as many steps as the depth says. Those behind are left over. */
  path: (string | number)[];
  /** How often something was reported or withheld. */
  told: number;
  /** Where a value was missing or of a wrong type. */
  faults: GraphQLError[];
  /** What the caller may not see, by the place of the selection that it is about. */
  withheld: Map<string, GraphQLError>;
  /** Texts of objects that stand in several places, by who wrote them. */
  texts: Map<WriteObject, Map<object, string>>;
};

export function startWriting(run: Run): Writing {
  return { run, path: [], told: 0, faults: [], withheld: new Map(), texts: new Map() };
}

/** Tells of a value that is wrong, which becomes null. */
export function report(writing: Writing, depth: number, message: string): 'null' {
  writing.told++;
  writing.faults.push(
    new GraphQLError(message, { path: writing.path.slice(0, depth), extensions: { code: 'INVALID_GRAPHQL' } }),
  );
  return 'null';
}

export function reportInvalid(writing: Writing, depth: number, what: string): 'null' {
  return report(writing, depth, `Invalid value found for ${what}.`);
}

/** Of a value that must not be null and is, or is wrong. */
export function reportUnfit(value: unknown, writing: Writing, depth: number, what: string): undefined {
  if (value === null || value === undefined) reportMissing(writing, depth, what);
  else reportInvalid(writing, depth, what);
}

export function reportMissing(writing: Writing, depth: number, what: string): undefined {
  report(writing, depth, `Cannot return null for non-nullable ${what}.`);
}

/** Tells of a value that the caller may not see, once for each place in the operation: elements of a list are at one. */
export function withhold(writing: Writing, depth: number, coordinate: string): undefined {
  const path = writing.path.slice(0, depth);
  const place = path.filter((step) => typeof step === 'string').join('.');
  writing.told++;
  const { access } = writing.run;
  if (access && !writing.withheld.has(place)) writing.withheld.set(place, access.refusal(coordinate, path));
}

/** The text of an object that stands in several places: it is written once, unless it is to be told of at each. */
export function writeShared(write: WriteObject, object: object, writing: Writing, depth: number): string | undefined {
  let texts = writing.texts.get(write);
  if (!texts) writing.texts.set(write, (texts = new Map()));
  const known = texts.get(object);
  if (known !== undefined) return known;
  const told = writing.told;
  const text = write(object, writing, depth);
  if (text !== undefined && writing.told === told) texts.set(object, text);
  return text;
}

/** Objects that stand in several places are small in memory and can be large in the response. */
export function tooLong(most: number): never {
  throw new GraphQLError(`the response is longer than ${most} characters: ask for less at once`, {
    extensions: { code: 'RESPONSE_TOO_LARGE' },
  });
}
