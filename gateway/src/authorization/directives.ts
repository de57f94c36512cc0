import internals, {
  type DirectiveDefinition,
  type FeatureDefinition,
  type FeatureDefinitions,
  type NamedType,
  type Schema,
  type SchemaElement,
} from '@apollo/federation-internals';
import type { Requirement, Requirements } from './requirement.ts';

type Element = SchemaElement<any, any>; // oxlint-disable-line typescript/no-explicit-any -- as the library has it

/** What the directives on a type or a field demand. */
export type Stated = (element: Element) => Requirement[];

/**
 * Reads `@authenticated` and `@requiresScopes` (federation 2.5) as a supergraph links them, whatever their names are
 * there. undefined where it links neither.
 * @throws for a version that is not known, and for scopes that protect nothing
 */
export function readDirectives(schema: Schema, requirements: Requirements): Stated | undefined {
  const authenticated = linked(schema, internals.AUTHENTICATED_VERSIONS)?.authenticatedDirective(schema);
  const requiresScopes = linked(schema, internals.REQUIRES_SCOPES_VERSIONS)?.requiresScopesDirective(schema);
  if (!authenticated && !requiresScopes) return undefined;
  return (element) => [
    ...argumentsOf(element, authenticated).map(() => requirements.authenticated()),
    ...argumentsOf(element, requiresScopes).map(({ scopes }) => requirements.scopes(checked(element, scopes))),
  ];
}

/** The types that set a context (federation 2.8), by its name in the supergraph. */
export function readContexts(schema: Schema): Map<string, string[]> {
  const contexts = new Map<string, string[]>();
  const directive = linked(schema, internals.CONTEXT_VERSIONS)?.contextDirective(schema);
  for (const application of directive?.applications() ?? []) {
    const { name } = application.arguments();
    contexts.set(name, [...(contexts.get(name) ?? []), (application.parent as unknown as NamedType).name]);
  }
  return contexts;
}

/** A feature that a supergraph links, in the version that it links. Throws for a version that is not known. */
export function linked<T extends FeatureDefinition>(schema: Schema, versions: FeatureDefinitions<T>): T | undefined {
  const url = schema.coreFeatures?.getByIdentity(versions.identity)?.url;
  if (!url) return undefined;
  const definition = versions.find(url.version);
  if (!definition) throw new Error(`${url.toString()} is a version that this gateway does not know`);
  return definition;
}

function argumentsOf<T extends Record<string, unknown>>(
  element: Element,
  directive: DirectiveDefinition<T> | undefined,
): T[] {
  return directive ? element.appliedDirectivesOf(directive).map((application) => application.arguments() as T) : [];
}

function checked(element: Element, scopes: string[][]): string[][] {
  if (scopes.length > 0 && scopes.every((set) => set.length > 0)) return scopes;
  const { coordinate } = element as unknown as { coordinate: string };
  throw new Error(
    `${coordinate}: @requiresScopes with an empty list protects nothing: name the scopes that are needed`,
  );
}
