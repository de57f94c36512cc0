import {
  BREAK,
  Kind,
  visit,
  type DocumentNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';

/** How large an operation is, a fragment counting wherever it is spread. What outgrows a number is Infinity. */
export type Size = {
  /** Fields within fields. */
  depth: number;
  /** Fields on the first level. */
  rootFields: number;
  /** Fields and spreads. */
  selections: number;
  aliases: number;
  directives: number;
};

type Fragments = Map<string, FragmentDefinitionNode>;

/**
 * The sizes of a document's operations. Takes time linear in the document: each fragment is measured once, where spreading
 * fragments in fragments grows exponentially.
 */
export function measureOperations(document: DocumentNode): { node: OperationDefinitionNode; size: Size }[] {
  const operations: OperationDefinitionNode[] = [];
  const fragments: Fragments = new Map();
  for (const node of document.definitions) {
    if (node.kind === Kind.OPERATION_DEFINITION) operations.push(node);
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const known = new Map<string, Size>();
  return operations.map((node) => {
    const size = measure(node.selectionSet, fragments, known);
    for (const { directives } of [node, ...(node.variableDefinitions ?? [])])
      size.directives += directives?.length ?? 0;
    return { node, size };
  });
}

function measure({ selections }: SelectionSetNode, fragments: Fragments, known: Map<string, Size>): Size {
  const total = nothing();
  for (const selection of selections) {
    total.selections += 1;
    total.directives += selection.directives?.length ?? 0;
    if (selection.kind === Kind.FIELD) {
      if (selection.alias) total.aliases += 1;
      const within = selection.selectionSet ? measure(selection.selectionSet, fragments, known) : nothing();
      add(total, { ...within, depth: within.depth + 1, rootFields: 1 });
    } else if (selection.kind === Kind.INLINE_FRAGMENT) {
      add(total, measure(selection.selectionSet, fragments, known));
    } else {
      add(total, measureFragment(selection.name.value, fragments, known));
    }
  }
  return total;
}

function measureFragment(name: string, fragments: Fragments, known: Map<string, Size>): Size {
  const measured = known.get(name);
  if (measured) return measured;
  // A fragment that is missing or within itself is for validation to report; it ends the descent.
  known.set(name, nothing());
  const fragment = fragments.get(name);
  if (!fragment) return nothing();
  const size = measure(fragment.selectionSet, fragments, known);
  size.directives += fragment.directives?.length ?? 0;
  known.set(name, size);
  return size;
}

function nothing(): Size {
  return { depth: 0, rootFields: 0, selections: 0, aliases: 0, directives: 0 };
}

function add(total: Size, part: Size): void {
  total.depth = Math.max(total.depth, part.depth);
  total.rootFields += part.rootFields;
  total.selections += part.selections;
  total.aliases += part.aliases;
  total.directives += part.directives;
}

/** Whether a literal in a document nests lists and objects deeper than `max`. */
export function hasDeepLiteral(document: DocumentNode, max: number): boolean {
  let depth = 0;
  let isDeep = false;
  const nesting = {
    enter: () => {
      depth += 1;
      isDeep = depth > max;
      return isDeep ? BREAK : undefined;
    },
    leave: () => {
      depth -= 1;
    },
  };
  // Neither this nor the next may recurse: what they look for would exhaust the stack.
  visit(document, { [Kind.LIST]: nesting, [Kind.OBJECT]: nesting });
  return isDeep;
}

/** Whether a value in a JSON object nests arrays and objects deeper than `max`. */
export function isDeepObject(object: object, max: number): boolean {
  let level = [object];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > max) return true;
    level = level.flatMap((item) => Object.values(item).filter((inner) => typeof inner === 'object' && inner !== null));
  }
  return false;
}
