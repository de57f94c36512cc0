import { Kind, parse, print, visit, type NameNode, type ScalarTypeDefinitionNode } from 'graphql';
import type { TestSubgraph } from '../subgraphs.ts';
import { museum } from './graph.ts';

/** What it takes to see the guarded museum, as fields and object types say it: any identity, or one of these scopes. */
export const guards: Record<string, 'any' | string[]> = {
  'Query.me': 'any',
  'Query.grid': ['grids'],
  'Mutation.greet': ['greetings'],
  Statue: ['statues', 'all'],
  Badge: 'any',
  'Painting.canvas': 'any',
  'Painting.height': ['heights', 'all'],
  'Painting.insurance': ['heights', 'all'],
  'Work.score': ['scores'],
  'Painting.title': ['titles'],
  'Person.email': 'any',
  'Person.age': ['ages', 'all'],
  'Person.level': ['ages', 'all'],
  'Review.text': 'any',
  'Room.name': ['rooms'],
  'Address.street': ['streets'],
  Json: 'any',
  'Size.exact': ['sizes'],
};

const directiveOf = (guard: 'any' | string[]): string =>
  guard === 'any' ? '@authenticated' : `@requiresScopes(scopes: ${JSON.stringify(guard.map((scope) => [scope]))})`;

/** The museum with its guards, as directives. */
export const guardedMuseum: TestSubgraph[] = museum.map(({ typeDefs, ...subgraph }) => {
  const guarded = visit(parse(typeDefs), {
    enter: (node, _key, _parent, _path, ancestors) => {
      if (
        node.kind !== Kind.OBJECT_TYPE_DEFINITION &&
        node.kind !== Kind.FIELD_DEFINITION &&
        node.kind !== Kind.SCALAR_TYPE_DEFINITION
      )
        return undefined;
      const within = ancestors.findLast((ancestor) => 'kind' in ancestor && 'name' in ancestor) as
        { name?: NameNode } | undefined;
      const name = node.kind === Kind.FIELD_DEFINITION ? `${within?.name?.value}.${node.name.value}` : node.name.value;
      const guard = guards[name];
      if (!guard || node.directives?.some((directive) => directive.name.value === 'external')) return undefined;
      const { directives = [] } = (parse(`scalar X ${directiveOf(guard)}`).definitions[0] ??
        {}) as ScalarTypeDefinitionNode;
      return { ...node, directives: [...(node.directives ?? []), ...directives] };
    },
  });
  return { ...subgraph, typeDefs: print(guarded) };
});
