import { Kind, print, visit, type ASTNode, type DocumentNode, type FieldNode } from 'graphql';

/** An operation's document with response names that the planner's own selections, and its merging, cannot meet. */
export type AliasedDocument = {
  document: DocumentNode;
  /** The client's response names, by the aliases that took their place. */
  responseNames: Map<string, string>;
};

/** The fields of a supergraph that an operation's response names can meet. */
export type MeetingFields = {
  /** Those that the planner may select by itself: of keys, requirements and contexts. */
  planners: ReadonlySet<string>;
  /** Those of interfaces that a subgraph has as objects. */
  ofInterfaceObjects: ReadonlySet<string>;
};

/**
 * Gives aliases of their own to fields whose response name could be taken for another field's.
 *
 * Apollo's planner adds its own fields under their own names, and takes what stands under a name for the field: without
 * this `id: name` answers the id, and a client that asks for `weight: title` sends a weight of its choice to a subgraph
 * that requires it. And it asks a subgraph that has an interface as an object for what is selected of several types at
 * once: of `... on A { price(of: 1) } ... on B { price(of: 2) }` it drops one.
 */
export function withSafeAliases(
  document: DocumentNode,
  { planners, ofInterfaceObjects }: MeetingFields,
): AliasedDocument {
  const responseNames = new Map<string, string>();
  const aliases = new Map<string, string>();
  let names: Set<string> | undefined;
  const aliasFor = (responseName: string, meaning: string): string => {
    const key = `${responseName}: ${meaning}`;
    const known = aliases.get(key);
    if (known) return known;
    const taken = (names ??= new Set([...namesIn(document), ...planners]));
    const base = /[A-Za-z].*/.exec(responseName)?.[0] ?? 'alias';
    let n = 1;
    while (taken.has(`${base}__${n}`)) n++;
    const alias = `${base}__${n}`;
    taken.add(alias);
    aliases.set(key, alias);
    responseNames.set(alias, responseName);
    return alias;
  };

  const mayMerge = mentions(document, ofInterfaceObjects);
  /** What a name stands for where it was first seen. */
  const meanings = new Map<string, string>();
  const visitor = {
    Field: (node: FieldNode) => {
      const { name, alias } = node;
      if (name.value === '__schema' || name.value === '__type') return false;
      const responseName = (alias ?? name).value;
      const meetsPlanners = responseName !== name.value && planners.has(responseName);
      if (!meetsPlanners && !mayMerge) return undefined;
      const meaning = meaningOf(node);
      if (!meetsPlanners) {
        const first = meanings.get(responseName) ?? meaning;
        meanings.set(responseName, first);
        if (first === meaning) return undefined;
      }
      return { ...node, alias: { kind: Kind.NAME as const, value: aliasFor(responseName, meaning) } };
    },
    // Introspection is the gateway's own: no planner sees it.
    FragmentDefinition: ({ typeCondition }: { typeCondition: { name: { value: string } } }) =>
      typeCondition.name.value.startsWith('__') ? (false as const) : undefined,
  };
  return { document: visit(document, visitor), responseNames };
}

function meaningOf({ name, arguments: given }: FieldNode): string {
  if (!given?.length) return name.value;
  return `${name.value}(${given.map((argument) => print(argument)).toSorted()})`;
}

function mentions(document: DocumentNode, fields: ReadonlySet<string>): boolean {
  let found = false;
  if (fields.size > 0) visit(document, { Field: ({ name }) => void (found ||= fields.has(name.value)) });
  return found;
}

function namesIn(document: ASTNode): Set<string> {
  const names = new Set<string>();
  visit(document, { Name: ({ value }) => void names.add(value) });
  return names;
}
