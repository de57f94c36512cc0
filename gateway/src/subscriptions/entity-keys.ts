import { Kind, valueFromASTUntyped, type DirectiveNode, type DocumentNode } from 'graphql';

/** Of each entity of a subgraph, the fields that are a key by themselves. */
export type EntityKeys = Map<string, Set<string>>;

/** Reads a subgraph's entities from a supergraph's SDL (join spec, `@join__type(graph:, key:)`). */
export function readEntityKeys(document: DocumentNode, subgraph: string): EntityKeys {
  const graph = graphNamed(document, subgraph);
  const keys: EntityKeys = new Map();
  for (const node of document.definitions) {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    for (const directive of node.directives ?? []) {
      if (directive.name.value !== 'join__type' || argument(directive, 'graph') !== graph) continue;
      const key = argument(directive, 'key');
      if (key === undefined) continue;
      const fields = keys.get(node.name.value) ?? new Set();
      if (/^\w+$/.test(key.trim())) fields.add(key.trim());
      keys.set(node.name.value, fields);
    }
  }
  return keys;
}

/** The name that the join spec's enum has for a subgraph. */
function graphNamed(document: DocumentNode, subgraph: string): string | undefined {
  for (const node of document.definitions) {
    if (node.kind !== Kind.ENUM_TYPE_DEFINITION || node.name.value !== 'join__Graph') continue;
    for (const value of node.values ?? [])
      if ((value.directives ?? []).some((directive) => argument(directive, 'name') === subgraph))
        return value.name.value;
  }
  return undefined;
}

function argument(directive: DirectiveNode, name: string): string | undefined {
  const node = directive.arguments?.find((argument) => argument.name.value === name)?.value;
  return node && String(valueFromASTUntyped(node));
}
