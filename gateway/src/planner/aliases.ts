import { Kind, visit, type ASTNode, type DocumentNode } from 'graphql';

/** An operation's document with aliases that the planner's own selections cannot meet. */
export type AliasedDocument = {
  document: DocumentNode;
  /** The client's response names, by the aliases that took their place. */
  responseNames: Map<string, string>;
};

/**
 * Renames the aliases that equal a field which the planner may select by itself (`plannersFields`: those of keys,
 * requirements and contexts).
 *
 * Apollo's planner adds such fields under their own names, and takes what stands under a name for the field: without
 * this `id: name` answers the id, and a client that asks for `weight: title` sends a weight of its choice to a subgraph
 * that requires it.
 */
export function withSafeAliases(document: DocumentNode, plannersFields: ReadonlySet<string>): AliasedDocument {
  const responseNames = new Map<string, string>();
  const aliases = new Map<string, string>();
  let names: Set<string> | undefined;

  const aliasFor = (responseName: string): string => {
    const known = aliases.get(responseName);
    if (known) return known;
    const taken = (names ??= new Set([...namesIn(document), ...plannersFields]));
    const base = responseName.replace(/^_+/, '');
    let n = 1;
    while (taken.has(`${base}__${n}`)) n++;
    const alias = `${base}__${n}`;
    taken.add(alias);
    aliases.set(responseName, alias);
    responseNames.set(alias, responseName);
    return alias;
  };

  const safe = visit(document, {
    Field: (node) => {
      if (node.name.value === '__schema' || node.name.value === '__type') return false;
      const responseName = node.alias?.value;
      if (responseName === undefined || responseName === node.name.value || !plannersFields.has(responseName))
        return undefined;
      return { ...node, alias: { kind: Kind.NAME, value: aliasFor(responseName) } };
    },
    // Introspection is the gateway's own: no planner sees it.
    FragmentDefinition: ({ typeCondition }) => (typeCondition.name.value.startsWith('__') ? false : undefined),
  });
  return { document: safe, responseNames };
}

function namesIn(document: ASTNode): Set<string> {
  const names = new Set<string>();
  visit(document, { Name: ({ value }) => void names.add(value) });
  return names;
}
